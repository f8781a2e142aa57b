-- One row a month's end and invoice open then, or event of unapplied money up to then. A level
-- that opens the following month ($later: 1) is put under that month.
insert into inputs by name
with spans as (
    select
        currency,
        date_trunc('month', min(effective_on))::date as first_on,
        date_trunc('month', $as_of::date)::date as last_on
    from ledger
    where effective_on <= $as_of::date and ($currency::varchar is null or currency = $currency)
    group by currency
),

months as (
    select
        currency,
        month_on,
        least($as_of::date, (month_on + interval 1 month - interval 1 day)::date) as end_on,
        (month_on + to_months($later::integer))::date as shown_on
    from (
        select currency, unnest(generate_series(first_on, last_on, interval 1 month))::date as month_on
        from spans
    )
    where
        shown_on <= $as_of::date
        and ($first_on::date is null or shown_on >= date_trunc('month', $first_on::date))
        and ($to_on::date is null or shown_on <= $to_on::date)
)

select
    'open invoice' as what,
    months.end_on as happened_on,
    null as document,
    months.currency,
    strftime(months.shown_on, '%Y-%m') as month,
    balance.customer_id,
    balance.invoice_id,
    null as payment_id,
    null as credit_memo_id,
    $open_columns::varchar[]
    || case when balance.due_on < months.end_on then $overdue::varchar[] else [] end as columns,
    balance.open_amount as amount,
    null as basis
from months
inner join invoice_balances as balance
    on
        balance.currency = months.currency
        and balance.from_on <= months.end_on
        and balance.to_on > months.end_on
        and balance.open_amount > 0
union all by name
select
    replace(entry.event, '_', ' ') as what,
    entry.effective_on as happened_on,
    entry.document,
    months.currency,
    strftime(months.shown_on, '%Y-%m') as month,
    entry.customer_id,
    entry.invoice_id,
    entry.payment_id,
    entry.credit_memo_id,
    $unapplied::varchar[] as columns,
    entry.unapplied as amount,
    entry.basis
from months
inner join ledger as entry
    on entry.currency = months.currency and entry.effective_on <= months.end_on and entry.unapplied <> 0
