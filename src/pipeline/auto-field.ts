/** What matching by probability compares. */
export const autoFields: readonly string[] = [
  'email',
  'firstName',
  'lastName',
  'dateOfBirth',
  'phone',
  'mobilePhone',
  'country',
  'address',
  'city',
  'postalCode',
  'company',
]
