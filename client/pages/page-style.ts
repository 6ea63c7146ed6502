/** How the pages look: by the colours of the theme alone, high contrast included. */
export const pageStyle = `
body { padding: 0 20px 20px; color: var(--vscode-foreground); background: var(--vscode-editor-background); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
h1 { font-size: 1.3em; font-weight: 600; }
h2 { font-size: 1.1em; margin: 0 0 4px; }
p { margin: 2px 0; }
.status { color: var(--vscode-descriptionForeground); }
.canvas { overflow: auto; margin: 12px 0; }
.canvas > svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--vscode-foreground); }
.step { cursor: pointer; outline: none; --state: var(--vscode-descriptionForeground); }
.step rect { fill: var(--vscode-editorWidget-background); stroke: var(--state); stroke-width: 1.5; }
.step .mark { fill: var(--state); font-size: 16px; text-anchor: middle; }
.step .name { font-weight: 600; }
.step .words { fill: var(--vscode-descriptionForeground); font-size: 11px; }
.step:hover rect, .step.chosen rect { fill: var(--vscode-list-hoverBackground); }
.step:focus-visible rect { stroke: var(--vscode-focusBorder); stroke-width: 3; }
.step.running, .step.retrying { --state: var(--vscode-charts-blue); }
.step.waiting { --state: var(--vscode-charts-yellow); }
.step.completed { --state: var(--vscode-charts-green); }
.step.failed { --state: var(--vscode-charts-red); }
.step.pending rect, .step.skipped rect { stroke-dasharray: 4 3; }
.edge { fill: none; stroke: var(--vscode-descriptionForeground); stroke-width: 1.3; }
.edge.completed { stroke: var(--vscode-charts-green); }
marker path { fill: var(--vscode-descriptionForeground); }
path.band { fill: none; stroke: var(--vscode-editorWidget-border, var(--vscode-descriptionForeground)); stroke-dasharray: 2 4; }
text.band { fill: var(--vscode-descriptionForeground); font-size: 11px; }
.details { border-left: 3px solid var(--vscode-focusBorder); padding: 6px 12px; margin: 12px 0; overflow-wrap: anywhere; }
.details[hidden] { display: none; }
.timeline { position: relative; margin: 12px 0; }
.timeline canvas { display: block; touch-action: pan-y; }
.timeline canvas:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.told { min-height: 1.4em; overflow-wrap: anywhere; }
.travel { margin: 12px 0; }
.travel[hidden] { display: none; }
.travel label { display: block; font-weight: 600; }
.travel input { width: 100%; accent-color: var(--vscode-focusBorder); }
.travel input:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.travel p { overflow-wrap: anywhere; }
.travel .warning { font-weight: 600; color: var(--vscode-editorError-foreground); }
.travel dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 4px 0; }
.travel dt { font-weight: 600; }
.travel dd { margin: 0; overflow-wrap: anywhere; }
.usage .name { display: inline-block; min-width: 80px; font-weight: 600; }
.text li { margin: 2px 0; overflow-wrap: anywhere; }
summary { cursor: pointer; }
.field { margin: 12px 0; max-width: 520px; }
.field label { display: block; margin-bottom: 3px; font-weight: 600; }
.field small { font-weight: 400; color: var(--vscode-descriptionForeground); }
.field input:not([type=checkbox]), .field textarea {
  width: 100%; box-sizing: border-box; padding: 4px 6px; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-font-size);
  color: var(--vscode-input-foreground); background: var(--vscode-input-background);
  border: 1px solid var(--vscode-input-border, var(--vscode-descriptionForeground));
}
.field [aria-invalid=true] { border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-editorError-foreground)); }
.field :focus { outline: 1px solid var(--vscode-focusBorder); }
.problem { display: block; min-height: 1.3em; color: var(--vscode-editorError-foreground); }
.buttons { margin: 12px 0; }
button {
  margin-right: 8px; padding: 5px 14px; cursor: pointer; font-family: inherit; font-size: inherit;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, transparent);
}
button:hover { background: var(--vscode-button-hoverBackground); }
button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
meter { appearance: none; width: 160px; height: 10px; vertical-align: middle; }
meter::-webkit-meter-bar { background: var(--vscode-editor-background); border: 1px solid var(--vscode-descriptionForeground); border-radius: 0; }
meter::-webkit-meter-optimum-value { background: var(--vscode-charts-blue); }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;
