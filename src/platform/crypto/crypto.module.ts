import { type DynamicModule, Global, Module } from '@nestjs/common';
import { KeyStore } from './key-store.js';
import { SealedBox } from './sealed-box.js';

@Global()
@Module({})
export class CryptoModule {
  static of(keys: KeyStore, box: SealedBox): DynamicModule {
    const providers = [
      { provide: KeyStore, useValue: keys },
      { provide: SealedBox, useValue: box },
    ];
    return { module: CryptoModule, providers, exports: providers };
  }
}
