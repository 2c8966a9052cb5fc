/** Small values that are kept with the data: secrets made once, marks of what was done. */
export interface SettingStore {
  find(key: string): Promise<string | null>;
  /** Stores `value` unless one is there. @returns the value that is stored now */
  ensure(key: string, value: string): Promise<string>;
  save(key: string, value: string): Promise<void>;
}
