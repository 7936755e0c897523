/** `inventory`: the nodes of a lab, for Ansible and other programs. */
import { EXIT } from '../../errors.ts';
import { LAB_FLAGS, REPORT_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const inventory: Verb = {
  description:
    'Prints the nodes of a lab that are there, with how each is reached: containers by the connection of their engine, namespaces ' +
    'by `linkloom exec` before sudo. --json has the same for other programs, and what is missing.',
  arguments: [{ name: '[node...]', description: 'names and globs; all nodes if left out' }],
  flags: [...LAB_FLAGS, 'dockerSocket', 'podmanSocket', 'ansible', ...REPORT_FLAGS],
  examples: [
    ['inventory -f lab.yaml > hosts.yaml', 'then `ansible -i hosts.yaml all -m ping`'],
    ['inventory --lab ring --json', 'by the marks of the lab, as JSON'],
  ],
  exitNotes: ['0  printed', '1  the configuration is invalid, or there is no such node', '3  no engine answers'],
  async run(context, options, names) {
    const [{ requestOf }, { withReporter, writeDocument }, { nodesOfLab }, { chosenFrom }, made, report] =
      await Promise.all([
        import('../request.ts'),
        import('../reporting.ts'),
        import('../../lab/with-nodes/of-lab.ts'),
        import('../../lab/with-nodes/choose.ts'),
        import('../../lab/with-nodes/inventory.ts'),
        import('../../report/inventory.ts'),
      ]);
    const found = await withReporter(context, options, (emit) => nodesOfLab(requestOf(options, context), emit));
    const chosen = names.length === 0 ? found.nodes : chosenFrom(found, { names, all: false });
    const { inventory: listed, engines } = made.inventoryOfFound(found, chosen);
    if (options.json && !options.ansible) writeDocument(context, { ...listed, missing: found.missing });
    else context.out.write(report.ansibleText(listed, engines));
    return EXIT.done;
  },
};
