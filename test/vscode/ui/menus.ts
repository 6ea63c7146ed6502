/** What stands in the menus of the workbench, by what they are opened on: all of them are opened by a walk. */

const ofEveryJob = [
  'Show Timeline of Job',
  'Show Script as Submitted',
  'Open Working Directory of Job',
  'Compare Script as Submitted with File',
  'Compare Two Jobs…',
  'Compare Eventlogs of Two Jobs…',
  'Copy Job ID',
  'Write Note on Job…',
  'Resubmit with Changes…',
  'Submit Script After This Job…',
  'Attach Watchers…',
  'Mute Notifications…',
];
const ofOutputs = ['Open Output', 'Open Error Output'];

type Titles = readonly string[];

export const menus: { readonly [location: string]: { readonly [subject: string]: Titles } } = {
  'explorer/context': {
    'a script': ['Submit Job', 'Submit with Options…', 'Submit to Several Clusters…', 'Dry Run…'],
    'a workflow file': ['Run Workflow', 'Schedule Workflow', 'Show Workflow Graph'],
  },
  'editor/context': {
    'a script': [
      'Try Watchers on Output…',
      'Report What Watchers Would Do…',
      'Submit with Options…',
      'Submit to Several Clusters…',
      'Dry Run…',
    ],
    'an output': ['Try Watchers on This Output…', 'Watch for Lines Like This…'],
  },
  'view/title': {
    Jobs: ['Group Jobs…', 'Sort Jobs…', 'Filter Jobs…', 'Limit History of Jobs…', 'Connect to Cluster…', 'Show Log'],
    Clusters: ['Connect to Cluster…', 'Show Hidden Clusters…'],
    Workflows: ['Filter Workflow Runs…'],
  },
  'view/item/context': {
    'a job that waits': [
      ...ofEveryJob,
      'Cancel Job',
      'Hold Job',
      'Release Job',
      'Set Urgency of Job…',
      'Extend Time Limit of Job…',
    ],
    'a job that runs': [
      ...ofEveryJob,
      ...ofOutputs,
      'Cancel Job',
      'Extend Time Limit of Job…',
      'Send Signal to Job…',
      'Requeue Job…',
      'Open Terminal in Job',
      'Forward Port of Job…',
    ],
    'an array that runs': ['Cancel Job', 'Cancel Tasks of Array…'],
    'a job that is over': [...ofEveryJob, ...ofOutputs, 'Run Watchers over Output…', 'Forget Job'],
    'a watcher that watches': [
      'Pause Watcher',
      'Trigger Watcher Now',
      'Stop Watcher',
      'Change Watcher…',
      'Mute Notifications…',
    ],
    'a watcher that is paused': ['Resume Watcher', 'Stop Watcher'],
    'a watcher of a job that is over': ['Run Watchers over Output…'],
    'a cluster that is away': ['Connect to Cluster…', 'Set Up Cluster…', 'Show Log of Cluster', 'Hide Cluster'],
    'a run that waits': [
      'Show Workflow Graph',
      'Open Workflow File',
      'Open Eventlog of Run',
      'Copy Run ID',
      'Cancel Run',
    ],
    // On the test cluster.
    'a cluster that is connected': [
      'Disconnect from Cluster',
      'Watch a Job Submitted Elsewhere…',
      'Take Up Past Jobs of Cluster…',
      'Show Log of Cluster',
      'Hide Cluster',
    ],
  },
};

/** Needs a Flux, which no machine of the tests has. */
export const beyondTheWalks: Titles = ['Raise Exception on Job…'];
