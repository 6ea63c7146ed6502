/** All commands of the extension. package.json says the same, which a test compares. */

export const commandTable = {
  'vigil.submit': { needsTrust: true },
  'vigil.tryOnOutput': { needsTrust: true },
  'vigil.cancelJob': { needsTrust: true },
  'vigil.openOutput': { needsTrust: true },
  'vigil.openErrorOutput': { needsTrust: true },
  'vigil.showScript': { needsTrust: true },
  'vigil.copyJobId': { needsTrust: true },
  'vigil.showJob': { needsTrust: true },
  'vigil.forgetJob': { needsTrust: true },
  'vigil.connectCluster': { needsTrust: true },
  'vigil.disconnectCluster': { needsTrust: true },
  'vigil.refreshJobs': { needsTrust: true },
  'vigil.startEngine': { needsTrust: true },
  'vigil.setEmailPassword': { needsTrust: true },
  'vigil.setSlackWebhook': { needsTrust: true },
  'vigil.runWorkflow': { needsTrust: true },
  'vigil.cancelRun': { needsTrust: true },
  'vigil.approveStep': { needsTrust: true },
  'vigil.denyStep': { needsTrust: true },
  'vigil.emitEvent': { needsTrust: true },
  'vigil.openWorkflowFile': { needsTrust: true },
  'vigil.copyRunId': { needsTrust: true },
  'vigil.restartLanguageServer': { needsTrust: false },
  'vigil.showLog': { needsTrust: false },
} as const satisfies { readonly [id: string]: { readonly needsTrust: boolean } };

export type CommandId = keyof typeof commandTable;
