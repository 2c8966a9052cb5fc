import { KeyGroup, PublicKey } from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';

/** The key that CloudFront holds against signed addresses. Who has its other half may sign: the HTTP function. */
export class SigningKey extends Construct {
  readonly keyPairId: string;
  readonly keyGroup: KeyGroup;

  constructor(scope: Construct, id: string, environment: string, publicKey: string) {
    super(scope, id);
    // A key of CloudFront cannot be changed: another one is another resource, under another name.
    const name = createHash('sha256').update(publicKey).digest('hex').slice(0, 8);
    const key = new PublicKey(this, `Key${name}`, {
      publicKeyName: `earshot-${environment}-${name}`,
      encodedKey: publicKey,
    });
    this.keyPairId = key.publicKeyId;
    this.keyGroup = new KeyGroup(this, 'Group', {
      keyGroupName: `earshot-${environment}`,
      items: [key],
    });
  }
}
