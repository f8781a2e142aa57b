-- What is held at the end of a day, twice: in the documents' own currencies, and in the schema
-- `converted` in a reporting currency at the day's closing rate, where there is one.
use snapshot;

-- balances_on(day): one row an invoice with an open amount.
create macro balances_on(day) as table (
    from main.invoice_balances
    where from_on <= day and to_on > day and open_amount > 0
);

-- unapplied_on(day): one row a payment or credit memo with money that no invoice holds, negative.
create macro unapplied_on(day) as table (
    select
        customer_id,
        currency,
        payment_id,
        credit_memo_id,
        sum(unapplied)::decimal(19, 4) as unapplied
    from main.ledger
    where unapplied <> 0 and effective_on <= day
    group by customer_id, currency, payment_id, credit_memo_id
    having sum(unapplied) <> 0
);

create macro converted.balances_on(day) as table (
    select balance.* replace (
        main.exchanged(balance.open_amount, balance.currency, rate.rate) as open_amount,
        getvariable('reporting')::varchar as currency
    )
    from main.balances_on(day) as balance
    left join main.daily_rates as rate
        on
            rate.currency = balance.currency
            and rate.quote = getvariable('reporting')
            and rate.day = day
    where
        main.is_asked(balance.currency)
        and main.exchanged(balance.open_amount, balance.currency, rate.rate) is not null
);

create macro converted.unapplied_on(day) as table (
    select held.* replace (
        main.exchanged(held.unapplied, held.currency, rate.rate) as unapplied,
        getvariable('reporting')::varchar as currency
    )
    from main.unapplied_on(day) as held
    left join main.daily_rates as rate
        on
            rate.currency = held.currency
            and rate.quote = getvariable('reporting')
            and rate.day = day
    where
        main.is_asked(held.currency)
        and main.exchanged(held.unapplied, held.currency, rate.rate) is not null
);

use work;
