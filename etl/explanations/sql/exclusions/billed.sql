-- One row an invoice that does not count in what was billed, and why; and a payment taken back.
insert into exclusions by name
with totals as (
    select invoice_id, currency, sum(revenue + tax) as total
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
)

select
    case
        when invoice.currency <> $currency::varchar then 'in another currency'
        when invoice.invoice_on > $as_of::date then 'dated later'
        when invoice.invoice_on < $first_on::date then 'dated before the period'
        when invoice.invoice_on > $to_on::date then 'dated after the period'
        else 'archived, or nothing is left of it'
    end as reason,
    invoice.invoice_on as happened_on,
    null as document,
    invoice.currency,
    strftime(invoice.invoice_on, '%Y-%m') as month,
    invoice.customer_id,
    invoice.invoice_id,
    null as payment_id,
    invoice.total_amount as amount
from invoices as invoice
left join totals using (invoice_id)
where
    coalesce(totals.total, 0) <= 0
    or invoice.invoice_on > $as_of::date
    or invoice.invoice_on < $first_on::date
    or invoice.invoice_on > $to_on::date
    or invoice.currency <> $currency::varchar
union all by name
select
    'payment taken back by then' as reason,
    part.reversed_on as happened_on,
    null as document,
    part.currency,
    strftime(invoice.invoice_on, '%Y-%m') as month,
    part.customer_id,
    part.invoice_id,
    part.payment_id,
    part.amount
from settlements as part
inner join invoices as invoice using (invoice_id)
where part.payment_id is not null and part.reversed_on <= $as_of::date
union all by name
select
    'still a draft' as reason,
    invoice_on as happened_on,
    invoice_number as document,
    currency,
    strftime(invoice_on, '%Y-%m') as month,
    customer_id,
    invoice_id,
    null as payment_id,
    total_amount as amount
from drafts
