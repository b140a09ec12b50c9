import { getsSetting } from '../bucket-settings.ts'
import { describeLogFields } from '../domain/access-log.ts'
import { errors } from '../errors.ts'

export const GetUserDefinedLogFieldsConfig = getsSetting({
  name: 'GetUserDefinedLogFieldsConfig',
  subresource: 'userDefinedLogFieldsConfig',
  setting: 'logFields',
  root: 'UserDefinedLogFieldsConfiguration',
  absent: errors.NoSuchUserDefinedLogFieldsConfig,
  describe: describeLogFields,
})
