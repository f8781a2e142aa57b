-- How an amount becomes one of the reporting currency. The schema `converted` has the tables that
-- metrics ask, under the same names; a question sets the variables reporting, digits, only_currency, as_of.
use snapshot;

create schema converted;

-- exchanged(amount, currency, rate): rounded half up to the reporting currency's minor unit; null
-- without a rate. Nothing stays nothing, and what is in the reporting currency stays as it is.
create macro exchanged(amount, currency, rate) as (
    case
        when amount = 0 or currency = getvariable('reporting') then amount
        else round(amount * rate, coalesce(getvariable('digits')::integer, 2))::decimal(19, 4)
    end
);

-- is_asked(currency): whether the question takes in documents of this currency.
create macro is_asked(currency) as coalesce(currency = getvariable('only_currency'), true);

use work;
