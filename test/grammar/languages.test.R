# SYNTAX TEST "source.r" "watchers and directives in this language"

#SBATCH --time=10 --mem=4G
# <------- keyword.control.directive.vigil
#       ^^^^^^ variable.parameter.option.vigil

#WATCHER name="oom" pattern="(?P<what>OOM|\d+)" action=log_event()
# <-------- keyword.control.watcher.vigil
#        ^^^^ support.type.property-name.watcher.vigil
#                            ^^^^ string.regexp.vigil punctuation.definition.group.regexp.vigil
#                                         ^^ constant.character.character-class.regexp.vigil
#                                               ^^^^^^ support.type.property-name.watcher.vigil

#WATCHER_BEGIN
# <-------------- keyword.control.watcher.vigil
# pattern: "loss: ([\d.]+)"
# ^^^^^^^ support.type.property-name.watcher.vigil
# condition: float(loss) > 5.0
#            ^^^^^ support.function.vigil
#WATCHER_END

# an ordinary comment
# ^^^^^^^^^^^^^^^^^^^ comment.line.number-sign.r
