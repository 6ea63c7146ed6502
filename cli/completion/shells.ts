/** The functions that shells call when Tab is pressed. Candidates come one a line and already begin with what was typed. */

export const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

const bash = `# vigil: eval "$(vigil completion bash)" in ~/.bashrc
_vigil() {
  local candidate file current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("$candidate")
    fi
  done < <(vigil complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _vigil vigil
`;

const zsh = `# vigil: eval "$(vigil completion zsh)" in ~/.zshrc, behind compinit
_vigil() {
  local candidate
  local -a found
  for candidate in "\${(@f)$(vigil complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $candidate == :files ]]; then _files
    elif [[ -n $candidate ]]; then found+=("$candidate")
    fi
  done
  (( \${#found} )) && compadd -- "\${found[@]}"
}
compdef _vigil vigil
`;

const fish = `# vigil: vigil completion fish | source in ~/.config/fish/config.fish
function __vigil_complete
  set -l current (commandline -ct)
  set -l words (commandline -opc)
  for candidate in (vigil complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$candidate" = :files
      __fish_complete_path "$current"
    else
      echo $candidate
    end
  end
end
complete -c vigil -f -a '(__vigil_complete)'
`;

export const shellFunctions: { readonly [shell in Shell]: string } = { bash, zsh, fish };
