import { ApproveEmergencyAccess } from './operations/ApproveEmergencyAccess.ts'
import { CreateCustomer } from './operations/CreateCustomer.ts'
import { DescribeOperators } from './operations/DescribeOperators.ts'
import { GetIdentityStatus } from './operations/GetIdentityStatus.ts'
import { ListCustomers } from './operations/ListCustomers.ts'
import { ListEmergencyAccesses } from './operations/ListEmergencyAccesses.ts'
import { ListWebsiteFilings } from './operations/ListWebsiteFilings.ts'
import { OpenEmergencySession } from './operations/OpenEmergencySession.ts'
import { RegisterWebsiteFiling } from './operations/RegisterWebsiteFiling.ts'
import { RejectEmergencyAccess } from './operations/RejectEmergencyAccess.ts'
import { RemoveWebsiteFiling } from './operations/RemoveWebsiteFiling.ts'
import { RequestEmergencyAccess } from './operations/RequestEmergencyAccess.ts'
import { RevokeEmergencyAccess } from './operations/RevokeEmergencyAccess.ts'
import { SetCustomerIdentity } from './operations/SetCustomerIdentity.ts'

/** Every operation of this product. */
export const operations = [
  ApproveEmergencyAccess,
  CreateCustomer,
  DescribeOperators,
  GetIdentityStatus,
  ListCustomers,
  ListEmergencyAccesses,
  ListWebsiteFilings,
  OpenEmergencySession,
  RegisterWebsiteFiling,
  RejectEmergencyAccess,
  RemoveWebsiteFiling,
  RequestEmergencyAccess,
  RevokeEmergencyAccess,
  SetCustomerIdentity,
] as const
