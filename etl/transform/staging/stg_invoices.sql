-- One row an invoice: its current version, with its customer's currency.
create or replace table stg_invoices as
select
    version.* exclude (step, is_current),
    coalesce(customer.currency, tenant_facts.currency) as currency,
    coalesce(currency_unit.exponent, 2) as exponent
from stg_invoice_versions as version
cross join tenant_facts
left join stg_customers as customer on customer.customer_id = version.customer_id
left join currencies as currency_unit
    on currency_unit.currency = coalesce(customer.currency, tenant_facts.currency)
where version.is_current
