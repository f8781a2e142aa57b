-- One row an invoice that does not count among those that fell due, and why.
insert into exclusions by name
with totals as (
    select invoice_id, sum(revenue + tax) as total
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id
)

select
    case
        when invoice.currency <> $currency::varchar then 'in another currency'
        when invoice.invoice_on > $as_of::date then 'dated later'
        when coalesce(totals.total, 0) <= 0 then 'archived, or nothing is left of it'
        when invoice.due_on < $first_on::date then 'fell due before the period'
        when invoice.due_on > $as_of::date then 'not yet due'
        else 'its days of grace are not over'
    end as reason,
    invoice.due_on as happened_on,
    invoice.currency,
    coalesce(invoice.customer_id, '') as customer_id,
    invoice.invoice_id,
    invoice.total_amount as amount
from invoices as invoice
left join totals using (invoice_id)
where
    (
        coalesce(totals.total, 0) <= 0
        or invoice.due_on < $first_on::date
        or invoice.due_on + $grace_days::integer > $as_of::date
        or invoice.currency <> $currency::varchar
    )
    and ($customer::varchar is null or invoice.customer_id = $customer)
