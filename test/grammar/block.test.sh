# SYNTAX TEST "source.shell" "watcher blocks"

#WATCHER_BEGIN
# <-------------- keyword.control.watcher.vigil
# name: loss_monitor
# ^^^^ support.type.property-name.watcher.vigil
# pattern: "epoch (\d+).*loss: ([\d.]+)"
# ^^^^^^^ support.type.property-name.watcher.vigil
#          ^ punctuation.definition.string.begin.vigil
#           ^^^^^ string.regexp.vigil
#                  ^^ constant.character.character-class.regexp.vigil
#                               ^^^^^ constant.other.character-class.set.regexp.vigil
# captures: [epoch, loss]
#            ^^^^^ variable.other.capture.vigil
# condition: float(loss) > 5.0
#            ^^^^^ support.function.vigil
#                  ^^^^ variable.other.vigil
#                          ^^^ constant.numeric.vigil
# timer_mode: true
#             ^^^^ constant.language.boolean.vigil
# # a comment inside
#   ^^^^^^^^^^^^^^^^ comment.line.number-sign.vigil
# actions:
# ^^^^^^^ support.type.property-name.watcher.vigil
#   - cancel_job(reason="Loss ${loss} too high")
#   ^ punctuation.definition.list.vigil
#     ^^^^^^^^^^ entity.name.function.action.vigil
#                ^^^^^^ variable.parameter.vigil
#                               ^^^^ variable.other.vigil
#   - notify_email(to="a@b", condition="float(loss) > 9")
#     ^^^^^^^^^^^^ entity.name.function.action.vigil
#                            ^^^^^^^^^ variable.parameter.vigil
#                                       ^^^^^ meta.condition.vigil support.function.vigil
#   - type: run_command
#           ^^^^^^^^^^^ entity.name.function.action.vigil
#WATCHER_END
# <------------ keyword.control.watcher.vigil
# ordinary again
# ^^^^^^^^^^^^^^ comment.line.number-sign.shell

#WATCHER_BEGIN
# pattern: x
echo "an unclosed block ends at the first command"
# <---- support.function.builtin.shell
