import { nkeys } from '@nats-io/nats-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credsName, credsText } from '@/pages/agents/mounting/creds';
import { newKey } from '@/pages/agents/mounting/keys';

describe('credentials made in a browser', () => {
  it('have a key pair of a user of NATS', () => {
    const { publicKey, seed } = newKey();
    expect(publicKey).toMatch(/^U[A-Z2-7]{55}$/);
    expect(nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey()).toBe(publicKey);
  });

  it('are never the same twice', () => {
    expect(newKey().seed).not.toBe(newKey().seed);
  });

  it('are a file as agent_kit reads it', () => {
    const text = credsText('ey.J.x', 'SUAKEY', 'tls://arena.example.org:4222');
    expect(/^# arena-url: (\S+)$/m.exec(text)?.[1]).toBe('tls://arena.example.org:4222');
    expect(/-----BEGIN NATS USER JWT-----\s+(\S+)\s+------END NATS USER JWT------/.exec(text)?.[1]).toBe('ey.J.x');
    expect(/-----BEGIN USER NKEY SEED-----\s+(\S+)\s+------END USER NKEY SEED------/.exec(text)?.[1]).toBe('SUAKEY');
  });
});

describe('the name of the file', () => {
  it.each([
    ['first', 'first.creds'],
    ['My best bot!', 'My-best-bot.creds'],
    ['阿尔法', '阿尔法.creds'],
    ['$(rm -rf ~)', 'rm-rf.creds'],
    ['...', 'agent.creds'],
    ['-n', 'n.creds'],
  ])('%s -> %s', (agent, file) => {
    expect(credsName(agent)).toBe(file);
  });

  it('needs no quotes in a shell, whatever the agent is called', () => {
    const letters = fc.array(fc.nat(0xd7ff), { maxLength: 12 });
    fc.assert(
      fc.property(letters, (codes) => {
        const name = credsName(String.fromCodePoint(...codes));
        expect(name).toMatch(/^[\p{Letter}\p{Number}_][\p{Letter}\p{Number}._-]*$/u);
      }),
    );
  });
});
