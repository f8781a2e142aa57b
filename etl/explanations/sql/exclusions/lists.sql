-- One row an invoice that is dated later or still a draft.
insert into exclusions by name
select
    'dated later' as reason,
    invoice_on as happened_on,
    invoice_number as document,
    currency,
    customer_id,
    invoice_id,
    total_amount as amount
from invoices
where invoice_on > $as_of::date and ($currency::varchar is null or currency = $currency)
union all by name
select
    'still a draft' as reason,
    invoice_on as happened_on,
    invoice_number as document,
    currency,
    customer_id,
    invoice_id,
    total_amount as amount
from drafts
where $currency::varchar is null or currency = $currency
