# SYNTAX TEST "source.shell" "scheduler directives"

#SBATCH --job-name=train -N 2 --time=1:30:00 --output="out %x-%j.log" # why
# <------- keyword.control.directive.vigil
#       ^^^^^^^^^^ variable.parameter.option.vigil
#                 ^ keyword.operator.assignment.vigil
#                  ^^^^^ string.unquoted.vigil
#                        ^^ variable.parameter.option.vigil
#                           ^ constant.numeric.vigil
#                                    ^^^^^^^ constant.numeric.vigil
#                                                     ^^^^^^^^^^ string.quoted.double.vigil
#                                                          ^^ constant.other.placeholder.vigil
#                                                                     ^^^^^ comment.line.number-sign.vigil
#PBS -l walltime=1:00:00
# <---- keyword.control.directive.vigil
#flux: -N1
# <------ keyword.control.directive.vigil
##SBATCH --time=1
# ^^^^^^ - keyword.control.directive.vigil
echo hi
# <---- support.function.builtin.shell
