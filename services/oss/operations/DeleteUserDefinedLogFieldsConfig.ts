import { deletesSetting } from '../bucket-settings.ts'

export const DeleteUserDefinedLogFieldsConfig = deletesSetting({
  name: 'DeleteUserDefinedLogFieldsConfig',
  subresource: 'userDefinedLogFieldsConfig',
  setting: 'logFields',
})
