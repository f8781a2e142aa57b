-- unconverted(reporting, kinds, days, from_on, to_on, as_of): one row a document, kind of amount and
-- day that a rate into the reporting currency is needed for and missing. Balances are needed at the
-- ends of `days`, all else on its own days from from_on to to_on and as_of.
use snapshot;

create macro unconverted(reporting, kinds, days, from_on, to_on, as_of) as table (
    with ends as (
        select unnest(days) as day
    ),

    events as (
        from main.ledger
        where
            effective_on <= as_of
            and (from_on is null or effective_on >= from_on)
            and (to_on is null or effective_on <= to_on)
            and currency <> reporting
    ),

    needs as (
        select
            'open_item' as kind,
            balance.invoice_id as document_id,
            balance.customer_id,
            balance.currency,
            balance.open_amount as amount,
            ends.day as needed_on,
            null::decimal(18, 8) as bill_rate
        from ends
        cross join lateral (from main.balances_on(ends.day)) as balance
        where list_contains(kinds, 'open_item')
        union all
        select
            'unapplied',
            coalesce(held.payment_id, held.credit_memo_id),
            held.customer_id,
            held.currency,
            held.unapplied,
            ends.day,
            null
        from ends
        cross join lateral (from main.unapplied_on(ends.day)) as held
        where list_contains(kinds, 'unapplied')
        union all
        select
            'invoiced',
            coalesce(invoice_id, credit_memo_id),
            customer_id,
            currency,
            revenue + tax,
            effective_on,
            bill_rate
        from events
        where (revenue <> 0 or tax <> 0) and list_contains(kinds, 'invoiced')
        union all
        select 'cash', payment_id, customer_id, currency, cash, effective_on, null
        from events
        where cash <> 0 and list_contains(kinds, 'cash')
        union all
        select 'on_account', payment_id, customer_id, currency, unapplied, effective_on, null
        from events
        where payment_id is not null and unapplied <> 0 and list_contains(kinds, 'on_account')
        union all
        select 'failed', payment_id, customer_id, currency, amount, effective_on, null
        from events
        where event = 'payment_failed' and list_contains(kinds, 'failed')
        union all
        select 'held', invoice_id, customer_id, currency, held, effective_on, null
        from main.holdings
        where
            effective_on <= as_of
            and (from_on is null or effective_on >= from_on)
            and (to_on is null or effective_on <= to_on)
            and list_contains(kinds, 'held')
    ),

    missing as (
        select
            kind,
            document_id,
            customer_id,
            currency,
            sum(amount)::decimal(38, 4) as amount,
            needed_on
        from needs
        where
            currency <> reporting
            and (bill_rate is null or reporting <> 'USD')
            and not exists (
                select 1
                from main.daily_rates as rate
                where
                    rate.currency = needs.currency
                    and rate.quote = reporting
                    and rate.day = needs.needed_on
            )
        group by all
    )

    select
        kind,
        coalesce(document_id, '') as document_id,
        coalesce(customer_id, '') as customer_id,
        currency,
        amount,
        needed_on
    from missing
);

use work;
