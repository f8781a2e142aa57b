-- in_a_unit(exponent): how many ten-thousandths, the last digit kept, a minor unit has.
create or replace macro in_a_unit(exponent) as (
    case exponent when 0 then 10000 when 3 then 10 else 100 end
)::hugeint;

-- share_of(amount, part, whole, exponent): amount × part ÷ whole, rounded half away from zero to the
-- currency's minor unit, in whole numbers throughout: DECIMAL ÷ DECIMAL would be a DOUBLE.
create or replace macro share_of(amount, part, whole, exponent) as (
    case
        when whole = 0 then 0::decimal(19, 4)
        else sign(amount) * sign(part) * sign(whole) * (
            (
                2 * abs((amount * 10000)::hugeint) * abs((part * 10000)::hugeint)
                + abs((whole * 10000)::hugeint) * in_a_unit(exponent)
            )
            // (2 * abs((whole * 10000)::hugeint) * in_a_unit(exponent))
        )::decimal(18, 0)
        * (case exponent when 0 then 1 when 3 then 0.001 else 0.01 end)::decimal(5, 3)
    end
)::decimal(19, 4);

-- part_of(amount, before, part, whole, is_last, exponent): what of an amount belongs to one of
-- several parts that make a whole, rounded along the parts so that they add up to the amount.
create or replace macro part_of(amount, before, part, whole, is_last, exponent) as (
    case
        when whole is null or amount = 0 then amount
        when amount = whole then part
        when is_last then amount - share_of(amount, before, whole, exponent)
        else
            share_of(amount, before + part, whole, exponent)
            - share_of(amount, before, whole, exponent)
    end
)::decimal(19, 4);
