import type { FieldDefinition } from './schema.js'
import type { DataType } from './value.js'

const readOnly = { readOnly: true }
const crm = { readOnly: true, crmManaged: true, length: 50 }

function of(dataType: DataType, names: string): FieldDefinition[] {
  return names.split(' ').map((name) => ({ name, dataType }))
}

/**
 * Standard lead fields (Adobe docs, "List of Standard Fields") that matter to
 * a lead pipeline, in the order that describe gives.
 */
export const standardFields: readonly FieldDefinition[] = [
  { name: 'id', dataType: 'integer', ...readOnly },
  { name: 'email', dataType: 'email', displayName: 'Email Address' },
  ...of('string', 'salutation firstName middleName lastName title'),
  ...of('phone', 'phone mobilePhone fax mainPhone'),
  ...of('string', 'company industry site sicCode department rating'),
  { name: 'website', dataType: 'url' },
  { name: 'annualRevenue', dataType: 'currency' },
  { name: 'numberOfEmployees', dataType: 'integer' },
  { name: 'address', dataType: 'text' },
  ...of('string', 'city state country postalCode gender'),
  ...of('string', 'billingStreet billingCity billingState billingCountry'),
  { name: 'billingPostalCode' },
  { name: 'dateOfBirth', dataType: 'date' },
  { name: 'leadScore', dataType: 'score' },
  ...of('integer', 'urgency priority relativeScore relativeUrgency'),
  ...of('string', 'leadSource leadStatus leadRole personSource'),
  { name: 'originalSourceType', ...readOnly },
  { name: 'originalSourceInfo', ...readOnly },
  { name: 'registrationSourceType', ...readOnly },
  { name: 'unsubscribed', dataType: 'boolean' },
  { name: 'unsubscribedReason', dataType: 'text' },
  { name: 'emailInvalid', dataType: 'boolean' },
  { name: 'emailInvalidCause' },
  { name: 'emailSuspended', dataType: 'boolean' },
  { name: 'emailSuspendedAt', dataType: 'datetime' },
  { name: 'emailSuspendedCause' },
  ...of('boolean', 'marketingSuspended blackListed doNotCall'),
  { name: 'marketingSuspendedCause' },
  { name: 'doNotCallReason', dataType: 'text' },
  { name: 'isLead', dataType: 'boolean', ...readOnly },
  { name: 'isAnonymous', dataType: 'boolean', ...readOnly },
  { name: 'personType', ...readOnly },
  { name: 'leadPartitionId', dataType: 'reference', ...readOnly },
  { name: 'acquisitionProgramId', dataType: 'reference' },
  { name: 'contactCompany', dataType: 'reference', ...readOnly },
  ...of('string', 'externalCompanyId externalSalesPersonId cookies'),
  ...of('string', 'facebookId linkedInId twitterId preferredLanguage'),
  { name: 'inferredCompany', ...readOnly },
  { name: 'inferredCountry', ...readOnly },
  { name: 'sfdcType', displayName: 'SFDC Type', ...crm },
  { name: 'sfdcId', dataType: 'lead_function', displayName: 'SFDC Id' },
  { name: 'sfdcLeadId', displayName: 'SFDC Lead Id', ...crm },
  { name: 'sfdcContactId', displayName: 'SFDC Contact Id', ...crm },
  { name: 'sfdcAccountId', displayName: 'SFDC Account Id', ...crm },
  { name: 'sfdcLeadOwnerId', displayName: 'SFDC Lead Owner Id', ...crm },
  { name: 'sfdcOpptyId', displayName: 'SFDC Oppty Id', ...crm },
  {
    name: 'sfdcIsDeleted',
    displayName: 'SFDC Is Deleted',
    dataType: 'boolean',
    readOnly: true,
    crmManaged: true,
  },
  { name: 'createdAt', dataType: 'datetime', ...readOnly },
  { name: 'updatedAt', dataType: 'datetime', ...readOnly },
]
