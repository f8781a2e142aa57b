-- One row a customer and currency: of invoices due in the period the cash applied and the amount
-- still open, what of it was on time, amount times days late, invoices settled, and what came
-- electronically; and the electronic payments that failed. All but the count are whole numbers: of
-- ten thousandths, times the weight of the age in days (the first of $weights is that of today).
-- An open invoice counts as if it were paid on the day as_of.
with parts as (
    select invoice_id, paid_on, amount, is_online
    from settlements
    where
        payment_id is not null and paid_on <= $as_of::date and reversed_on > $as_of::date
    union all
    select invoice_id, $as_of::date as paid_on, open_amount as amount, false as is_online
    from invoice_balances
    where from_on <= $as_of::date and to_on > $as_of::date and open_amount > 0
),

open_ids as (
    select invoice_id
    from invoice_balances
    where from_on <= $as_of::date and to_on > $as_of::date and open_amount > 0
),

invoice_facts as (
    select
        invoice.customer_id,
        invoice.currency,
        invoice.due_on as day,
        sum(part.amount) as amount,
        sum(
            case when part.paid_on <= invoice.due_on + $grace_days::integer then part.amount else 0 end
        ) as on_time,
        sum(part.amount * date_diff('day', invoice.due_on, part.paid_on)) as amount_days,
        case when any_value(open_id.invoice_id) is null then 1 else 0 end as settled,
        sum(case when part.is_online then part.amount else 0 end) as online_amount,
        0 as failed_amount
    from parts as part
    inner join invoices as invoice using (invoice_id)
    left join open_ids as open_id using (invoice_id)
    where
        invoice.due_on between $from_on::date and $as_of::date
        and ($customer::varchar is null or invoice.customer_id = $customer)
        and (
            $among::varchar[] is null or invoice.customer_id in (select unnest($among::varchar[]))
        )
    group by invoice.customer_id, invoice.currency, invoice.due_on, invoice.invoice_id
),

failures as (
    select
        customer_id,
        currency,
        effective_on as day,
        0 as amount,
        0 as on_time,
        0 as amount_days,
        0 as settled,
        0 as online_amount,
        amount as failed_amount
    from ledger
    where
        event = 'payment_failed'
        and effective_on between $from_on::date and $as_of::date
        and ($customer::varchar is null or customer_id = $customer)
        and ($among::varchar[] is null or customer_id in (select unnest($among::varchar[])))
),

facts as (
    from invoice_facts
    union all by name
    from failures
),

days as (
    select
        customer_id,
        currency,
        ($weights::hugeint[])[date_diff('day', day, $as_of::date) + 1] as weight,
        (sum(amount) * 10000)::hugeint as amount,
        (sum(on_time) * 10000)::hugeint as on_time,
        (sum(amount_days) * 10000)::hugeint as amount_days,
        (sum(online_amount) * 10000)::hugeint as online_amount,
        (sum(failed_amount) * 10000)::hugeint as failed_amount,
        sum(settled)::bigint as settled
    from facts
    group by customer_id, currency, day
)

select
    coalesce(facts.customer_id, '') as customer_id,
    coalesce(max(customer.name), facts.customer_id, '') as customer,
    facts.currency,
    sum(facts.settled)::bigint,
    sum(facts.amount * facts.weight),
    sum(facts.on_time * facts.weight),
    sum(facts.amount_days * facts.weight),
    sum(facts.online_amount * facts.weight),
    sum(facts.failed_amount * facts.weight)
from days as facts
left join customers as customer using (customer_id)
where $currency::varchar is null or facts.currency = $currency
group by facts.customer_id, facts.currency
order by customer, facts.customer_id, facts.currency
