-- One row a customer: its current version, typed.
create or replace table stg_customers as
with current_versions as (
    select
        record.*,
        from_json(record.payload, '{
            "archived": "VARCHAR",
            "name": "VARCHAR",
            "companyName": "VARCHAR",
            "email": "VARCHAR",
            "phone": "VARCHAR",
            "contact": {"firstName": "VARCHAR", "lastName": "VARCHAR"},
            "billingAddress": {
                "line1": "VARCHAR",
                "line2": "VARCHAR",
                "city": "VARCHAR",
                "stateOrProvince": "VARCHAR",
                "zipOrPostalCode": "VARCHAR",
                "country": "VARCHAR"
            },
            "invoiceCurrency": "VARCHAR",
            "accountNumber": "VARCHAR",
            "paymentTermId": "VARCHAR",
            "balance": {"amount": "VARCHAR"},
            "createdTime": "VARCHAR"
        }') as sent
    from raw_records as record
    semi join raw_heads as head
        on
            head.resource = record.resource
            and head.bill_id = record.bill_id
            and head.version = record.version
    where record.resource = 'customers'
)

select
    current_versions.tenant,
    current_versions.bill_id as customer_id,
    coalesce(nullif(trim(sent.name), ''), nullif(trim(sent.companyName), ''), bill_id) as name,
    sent.email,
    sent.phone,
    concat_ws(' ', nullif(trim(sent.contact.firstName), ''), nullif(trim(sent.contact.lastName), ''))
        as contact,
    concat_ws(
        ', ',
        nullif(trim(sent.billingAddress.line1), ''),
        nullif(trim(sent.billingAddress.line2), ''),
        nullif(trim(sent.billingAddress.city), ''),
        nullif(
            concat_ws(' ', sent.billingAddress.stateOrProvince, sent.billingAddress.zipOrPostalCode),
            ''
        ),
        nullif(trim(sent.billingAddress.country), '')
    ) as address,
    upper(trim(coalesce(sent.billingAddress.stateOrProvince, ''))) as state_or_province,
    upper(trim(coalesce(sent.billingAddress.country, ''))) as country,
    sent.accountNumber as account_number,
    nullif(sent.paymentTermId, '') as payment_term_id,
    try_cast(sent.balance.amount as decimal(19, 4)) as bill_balance,
    current_versions.observed_at,
    coalesce(nullif(upper(trim(sent.invoiceCurrency)), ''), tenant_facts.currency) as currency,
    coalesce(try_cast(sent.archived as boolean), false) as is_archived,
    try_cast(sent.createdTime as timestamptz) as created_at,
    current_versions.record_updated_at as updated_at
from current_versions
cross join tenant_facts
