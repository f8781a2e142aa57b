-- One row an invoice that is not open at the end of a day, and why; a payment that was taken back by
-- then, or is dated later, or is under way and changes nothing yet.
insert into exclusions by name
with open_ids as (
    select invoice_id
    from invoice_balances
    where from_on <= $on_day::date and to_on > $on_day::date and open_amount > 0
),

archives as (
    select
        invoice_id,
        arg_max(event, event_id) = 'invoice_archived' as was_archived,
        max(effective_on) as archived_on
    from ledger
    where event in ('invoice_archived', 'invoice_restored') and effective_on <= $on_day::date
    group by invoice_id
),

invoices_left_out as (
    select
        case
            when coalesce(archive.was_archived, false) then 'archived'
            when invoice.invoice_on > $on_day::date then 'dated later'
            else 'settled by then'
        end as reason,
        case
            when coalesce(archive.was_archived, false) then archive.archived_on
            else invoice.invoice_on
        end as happened_on,
        invoice.currency,
        invoice.customer_id,
        invoice.invoice_id,
        null::varchar as payment_id,
        invoice.total_amount as amount
    from invoices as invoice
    left join archives as archive using (invoice_id)
    anti join open_ids using (invoice_id)
),

drafts_left_out as (
    select
        'still a draft' as reason,
        invoice_on as happened_on,
        currency,
        customer_id,
        invoice_id,
        total_amount as amount,
        invoice_number as document
    from drafts
),

payments_left_out as (
    select
        case
            when reversed_on <= $on_day::date then 'payment taken back by then'
            else 'payment dated later'
        end as reason,
        case when reversed_on <= $on_day::date then reversed_on else paid_on end as happened_on,
        currency,
        customer_id,
        invoice_id,
        payment_id,
        amount
    from settlements
    where payment_id is not null and (reversed_on <= $on_day::date or paid_on > $on_day::date)
),

under_way as (
    select
        'payment under way, not arrived' as reason,
        attempt.attempted_on as happened_on,
        attempt.currency,
        attempt.customer_id,
        part.invoice_id,
        attempt.payment_id,
        part.amount
    from attempt_states as stretch
    inner join attempts as attempt using (payment_id)
    inner join attempt_invoices as part using (payment_id)
    where
        stretch.state = 'pending'
        and stretch.from_on <= $on_day::date
        and stretch.to_on > $on_day::date
),

found as (
    from invoices_left_out
    union all by name
    from drafts_left_out
    union all by name
    from payments_left_out
    union all by name
    from under_way
)

select
    case when currency is distinct from coalesce($currency, currency) then 'in another currency' else reason end
        as reason,
    happened_on,
    document,
    currency,
    customer_id,
    invoice_id,
    payment_id,
    amount
from found
where $customer::varchar is null or customer_id = $customer
union all by name
select
    'in another currency' as reason,
    invoice.invoice_on as happened_on,
    null as document,
    invoice.currency,
    invoice.customer_id,
    invoice.invoice_id,
    null as payment_id,
    balance.open_amount as amount
from invoice_balances as balance
inner join invoices as invoice using (invoice_id)
where
    balance.from_on <= $on_day::date
    and balance.to_on > $on_day::date
    and balance.open_amount > 0
    and balance.currency <> $currency::varchar
    and ($customer::varchar is null or balance.customer_id = $customer)
