-- One row a failed payment that is the newest failure of an invoice, with what became of the money
-- by the end of the day as_of; the newest first.
-- made, first_on: attempts of its kind at these invoices within the scheme's days, and the first.
with failures as materialized (
    from attempts_on($as_of::date)
    where
        outcome = 'failed'
        and failed_on <= $as_of::date
        and ($from_on::date is null or failed_on >= $from_on::date)
        and ($to_on::date is null or failed_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
        and ($customer::varchar is null or customer_id = $customer)
),

failed_invoices as materialized (
    select distinct part.invoice_id
    from attempt_invoices as part
    semi join failures using (payment_id)
),

tries as materialized (
    select
        part.invoice_id,
        part.amount as part_amount,
        attempt.*
    from attempt_invoices as part
    semi join failed_invoices using (invoice_id)
    inner join attempts_on($as_of::date) as attempt using (payment_id)
    where attempt.outcome <> 'canceled'
),

newest as materialized (
    select * from tries
    where outcome = 'failed'
    qualify row_number() over (
        partition by invoice_id order by failed_on desc, attempted_on desc, payment_id desc
    ) = 1
),

presented as (
    select
        newest.payment_id,
        newest.invoice_id,
        count(*) as made,
        min(earlier.attempted_on) as first_on
    from newest
    inner join tries as earlier
        on
            earlier.invoice_id = newest.invoice_id
            and earlier.rail = newest.rail
            and earlier.outcome in ('failed', 'pending')
            and earlier.attempted_on >= newest.attempted_on - if(newest.rail = 'card', 30, 180)
    group by all
),

under_way as (
    select distinct invoice_id from tries where outcome = 'pending'
),

balances as (
    select invoice_id, open_amount
    from invoice_balances
    semi join newest using (invoice_id)
    where from_on <= $as_of::date and to_on > $as_of::date
),

cash as (
    select
        newest.invoice_id,
        sum(
            case
                when event.event in ('payment_reversed', 'payment_moved') then -event.amount
                else event.amount
            end
        ) as amount
    from newest
    inner join ledger as event using (invoice_id)
    where
        event.event in ('payment_applied', 'payment_reversed', 'payment_moved')
        and event.effective_on between newest.failed_on and $as_of::date
        and event.payment_id <> newest.payment_id
    group by newest.invoice_id
),

parts as (
    select
        newest.*,
        invoice.invoice_number,
        presented.made,
        presented.first_on,
        under_way.invoice_id is not null as is_under_way,
        least(greatest(coalesce(balance.open_amount, 0), 0), newest.part_amount) as open_part,
        least(greatest(coalesce(cash.amount, 0), 0), newest.part_amount) as recovered_part
    from newest
    inner join presented using (payment_id, invoice_id)
    left join invoices as invoice using (invoice_id)
    left join under_way using (invoice_id)
    left join balances as balance using (invoice_id)
    left join cash using (invoice_id)
    semi join failures using (payment_id)
),

cases as (
    select
        payment_id,
        any_value(failed_on) as failed_on,
        any_value(customer_id) as customer_id,
        any_value(currency) as currency,
        any_value(rail) as rail,
        any_value(change) as change,
        any_value(said) as said,
        any_value(entered) as entered,
        min(invoice_id) as invoice_id,
        string_agg(coalesce(invoice_number, invoice_id), ', ' order by invoice_number, invoice_id)
            as invoices,
        sum(part_amount)::decimal(38, 4) as amount,
        sum(open_part)::decimal(38, 4) as open_amount,
        sum(recovered_part)::decimal(38, 4) as recovered_amount,
        max(made) as made,
        min(first_on) as first_on,
        case
            when sum(open_part) > 0 and bool_and(is_under_way or open_part = 0) then 'retrying'
            when sum(open_part) > 0 then 'open'
            when sum(recovered_part) >= sum(part_amount) then 'recovered'
            else 'lost'
        end as state
    from parts
    group by payment_id
)

select
    failed_on,
    customer_id,
    customer.name,
    invoice_id,
    invoices,
    cases.currency,
    amount,
    open_amount,
    recovered_amount,
    state,
    rail,
    change,
    said,
    entered,
    made,
    first_on,
    payment_id,
    count(*) over () as total
from cases
left join customers as customer using (customer_id)
where $state::varchar is null or state = $state
order by failed_on desc, open_amount desc, payment_id
limit $limit::bigint
