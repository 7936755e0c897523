/** The link by which Open vSwitch's programs find the lab's switch: only where nothing is, and gone with the switch. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { prepareOvsDirectory } from '../../../src/engine/ovs-directory.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const OURS = '/run/linkloom/ovs-link.self/ovs';
const OTHER = '/run/linkloom/other.self/ovs';

describe("Open vSwitch's default run directory", needs('root'), () => {
  before(() => {
    for (const folder of [OURS, OTHER]) mkdirSync(folder, { recursive: true });
    writeFileSync(`${OURS}/db.sock`, '');
  });
  after(() => {
    for (const lab of ['ovs-link', 'other']) rmSync(`/run/linkloom/${lab}.self`, { recursive: true, force: true });
  });

  const settle = (path: string, offer = true): void => prepareOvsDirectory('ovs-link', offer, () => {}, path);

  it('leads to the instance where nothing is, and goes', () => {
    using folder = temporaryFolder('ovs');
    const path = join(folder.path, 'openvswitch');
    settle(path);
    settle(path);
    assert.equal(readlinkSync(path), OURS);
    settle(path, false);
    assert.equal(existsSync(path), false);
  });

  it('takes the place of an empty folder, and of the link of one that was killed', () => {
    using folder = temporaryFolder('ovs');
    const path = join(folder.path, 'openvswitch');
    mkdirSync(path);
    settle(path);
    assert.equal(readlinkSync(path), OURS);
    rmSync(path);
    symlinkSync(OTHER, path);
    settle(path);
    assert.equal(readlinkSync(path), OURS);
  });

  it('leaves all else alone', () => {
    using folder = temporaryFolder('ovs');
    const path = join(folder.path, 'openvswitch');
    mkdirSync(path);
    writeFileSync(join(path, 'db.sock'), 'foreign');
    for (const offer of [true, false]) settle(path, offer);
    assert.ok(lstatSync(path).isDirectory());
    assert.ok(existsSync(join(path, 'db.sock')));
    const link = join(folder.path, 'link');
    symlinkSync('/run/elsewhere', link);
    for (const offer of [true, false]) settle(link, offer);
    assert.equal(readlinkSync(link), '/run/elsewhere');
    writeFileSync(`${OTHER}/db.sock`, '');
    rmSync(link);
    symlinkSync(OTHER, link);
    for (const offer of [true, false]) settle(link, offer);
    assert.equal(readlinkSync(link), OTHER, 'the instance of another lab runs');
  });
});
