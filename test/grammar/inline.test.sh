# SYNTAX TEST "source.shell" "inline watchers"

#WATCHER name="oom" pattern="(?P<what>OOM|\d+ [^a]+)" interval=10m action=resubmit(modifications={"mem": "32G"})
# <------- keyword.control.watcher.vigil
#        ^^^^ support.type.property-name.watcher.vigil
#            ^ keyword.operator.assignment.vigil
#             ^^^^^ string.quoted.double.vigil
#                   ^^^^^^^ support.type.property-name.watcher.vigil
#                            ^^^^ string.regexp.vigil punctuation.definition.group.regexp.vigil
#                                ^^^^ string.regexp.vigil entity.name.tag.group.regexp.vigil
#                                        ^ keyword.operator.or.regexp.vigil
#                                         ^^ constant.character.character-class.regexp.vigil
#                                           ^ keyword.operator.quantifier.regexp.vigil
#                                             ^^^^ constant.other.character-class.set.regexp.vigil
#                                                     ^^^^^^^^ support.type.property-name.watcher.vigil
#                                                              ^^^ constant.numeric.vigil
#                                                                  ^^^^^^ support.type.property-name.watcher.vigil
#                                                                         ^^^^^^^^ entity.name.function.action.vigil
#                                                                                  ^^^^^^^^^^^^^ variable.parameter.vigil
#                                                                                                 ^^^^^ string.quoted.double.vigil

#WATCHER condition="float(loss) > 5.0 and not line" captures=[epoch, loss] action=notify(message="at ${epoch:-0} $$", level='error') action=cancel
#        ^^^^^^^^^ support.type.property-name.watcher.vigil
#                   ^^^^^ support.function.vigil
#                         ^^^^ meta.condition.vigil variable.other.vigil
#                               ^ keyword.operator.vigil
#                                 ^^^ constant.numeric.vigil
#                                     ^^^ keyword.operator.word.vigil
#                                             ^^^^ variable.language.vigil
#                                                   ^^^^^^^^ support.type.property-name.watcher.vigil
#                                                             ^^^^^ variable.other.capture.vigil
#                                                                          ^^^^^^ support.type.property-name.watcher.vigil
#                                                                                 ^^^^^^ entity.name.function.action.vigil
#                                                                                                      ^^^^^ variable.other.vigil
#                                                                                                                ^^ constant.character.escape.vigil
#                                                                                                                           ^^^^^^^ string.quoted.single.vigil
#                                                                                                                                           ^^^^^^ entity.name.function.action.vigil

# an ordinary comment
# ^^^^^^^^^^^^^^^^^^^ comment.line.number-sign.shell
echo "#WATCHER pattern=x"
#     ^^^^^^^^^^^^^^^^^^ - keyword.control.watcher.vigil

#WATCHER pattern="never closed
#                 ^^^^^^^^^^^^ string.regexp.vigil
echo done
# <---- - string.regexp.vigil
