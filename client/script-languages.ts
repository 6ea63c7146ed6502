/** Languages whose comments begin with `#`, so that their files can hold directives and watchers: by their names in VS Code. */
export const scriptLanguages = ['shellscript', 'python', 'r', 'julia', 'perl', 'ruby', 'tcl', 'awk'] as const;
