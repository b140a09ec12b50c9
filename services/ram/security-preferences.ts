/** How users of an account may sign in, and what they may do about themselves. */
import { isIP } from 'node:net'
import { apiError } from '@pileus/kernel/errors'
import { ramErrors } from './errors.ts'

/** The vendor's defaults. */
const defaults = {
  AllowUserToChangePassword: true,
  AllowUserToManageAccessKeys: false,
  AllowUserToManageMFADevices: true,
  AllowUserToManagePublicKeys: false,
  EnableSaveMFATicket: false,
  LoginNetworkMasks: '',
  /** Hours. */
  LoginSessionDuration: 6,
}

export type Preferences = typeof defaults
export type PreferenceChanges = { [Name in keyof Preferences]?: Preferences[Name] | undefined }

/** What is in force: what was set, and the defaults. */
export function inForce(set: PreferenceChanges): Preferences {
  const known = Object.fromEntries(Object.entries(set).filter(([name]) => Object.hasOwn(defaults, name)))
  return { ...defaults, ...known }
}

/** The settings with those changes that are given. @throws InvalidParameter.LoginNetworkMasks, .LoginSessionDuration */
export function changed(before: PreferenceChanges, request: PreferenceChanges): PreferenceChanges {
  const { LoginNetworkMasks: masks, LoginSessionDuration: hours } = request
  const networks = masks ? masks.split(';') : []
  if (networks.length > 25 || !networks.every(isNetwork))
    throw apiError(ramErrors['InvalidParameter.LoginNetworkMasks'])
  if (hours !== undefined && !(Number.isInteger(hours) && hours >= 1 && hours <= 24)) {
    throw apiError(ramErrors['InvalidParameter.LoginSessionDuration'], { value: hours })
  }
  const given = Object.entries(request).filter(([name, value]) => Object.hasOwn(defaults, name) && value !== undefined)
  return { ...before, ...Object.fromEntries(given) }
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const longest = isIP(address) === 6 ? 128 : 32
  const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest)
  return isIP(address) !== 0 && isLength && rest.length === 0
}

export function describePreferences(preferences: Preferences) {
  return {
    AccessKeyPreference: { AllowUserToManageAccessKeys: preferences.AllowUserToManageAccessKeys },
    LoginProfilePreference: {
      AllowUserToChangePassword: preferences.AllowUserToChangePassword,
      EnableSaveMFATicket: preferences.EnableSaveMFATicket,
      LoginNetworkMasks: preferences.LoginNetworkMasks,
      LoginSessionDuration: preferences.LoginSessionDuration,
    },
    MFAPreference: { AllowUserToManageMFADevices: preferences.AllowUserToManageMFADevices },
    PublicKeyPreference: { AllowUserToManagePublicKeys: preferences.AllowUserToManagePublicKeys },
  }
}
