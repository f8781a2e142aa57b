-- One row a part of an invoice due in the period, paid or still open, or a failed electronic
-- payment; days is how late. An open invoice counts as if it were paid on the day as_of.
insert into inputs by name
with parts as (
    select 'payment applied' as what, invoice_id, payment_id, paid_on, amount, is_online
    from settlements
    where payment_id is not null and paid_on <= $as_of::date and reversed_on > $as_of::date
    union all
    select
        'still open' as what,
        invoice_id,
        null as payment_id,
        $as_of::date as paid_on,
        open_amount as amount,
        false as is_online
    from invoice_balances
    where from_on <= $as_of::date and to_on > $as_of::date and open_amount > 0
),

placed as (
    select
        *,
        bool_or(what = 'still open') over (partition by invoice_id) as is_open,
        row_number() over (partition by invoice_id order by paid_on, payment_id, amount) as place
    from parts
)

select
    placed.what,
    invoice.due_on as happened_on,
    null as document,
    invoice.currency,
    coalesce(invoice.customer_id, '') as customer_id,
    placed.invoice_id,
    placed.payment_id,
    ['weighed_amount', 'weighed_days']
    || case
        when placed.paid_on <= invoice.due_on + $grace_days::integer then ['weighed_on_time'] else []
    end
    || case when placed.is_online then ['weighed_online'] else [] end
    || case when placed.place = 1 and not placed.is_open then ['settled_invoices'] else [] end
        as columns,
    placed.amount,
    date_diff('day', invoice.due_on, placed.paid_on) as days,
    null as basis
from placed
inner join invoices as invoice using (invoice_id)
where
    invoice.due_on between $first_on::date and $as_of::date
    and ($currency::varchar is null or invoice.currency = $currency)
    and ($customer::varchar is null or invoice.customer_id = $customer)
union all by name
select
    'payment failed' as what,
    effective_on as happened_on,
    document,
    currency,
    coalesce(customer_id, '') as customer_id,
    null as invoice_id,
    payment_id,
    ['weighed_failed'] as columns,
    amount,
    null as days,
    basis
from ledger
where
    event = 'payment_failed'
    and effective_on between $first_on::date and $as_of::date
    and ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
