import { putsSetting } from '../bucket-settings.ts'
import { readLogFields } from '../domain/access-log.ts'

export const PutUserDefinedLogFieldsConfig = putsSetting({
  name: 'PutUserDefinedLogFieldsConfig',
  subresource: 'userDefinedLogFieldsConfig',
  setting: 'logFields',
  root: 'UserDefinedLogFieldsConfiguration',
  read: readLogFields,
})
