import { nkeys } from '@nats-io/nats-core';

/** A new key pair of a user of NATS, made in this browser: the seed is put into the file and goes nowhere else. */
export function newKey(): { publicKey: string; seed: string } {
  const pair = nkeys.createUser();
  try {
    return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
  } finally {
    pair.clear();
  }
}
