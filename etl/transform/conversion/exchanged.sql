-- How an amount becomes one of the reporting currency. The schema `converted` has the tables that
-- metrics ask, under the same names; a question sets the variables reporting, digits, only_currency, as_of.
use snapshot;

create schema converted;

-- exchanged(amount, currency, rate): rounded half up to the reporting currency's minor unit; null
-- without a rate.
create macro exchanged(amount, currency, rate) as (
    round(
        amount * case when currency = getvariable('reporting') then 1::decimal(18, 8) else rate end,
        coalesce(getvariable('digits')::integer, 2)
    )::decimal(19, 4)
);

-- is_asked(currency): whether the question takes in documents of this currency.
create macro is_asked(currency) as coalesce(currency = getvariable('only_currency'), true);

use work;
