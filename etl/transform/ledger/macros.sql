-- in_a_unit(exponent): how many ten-thousandths, the last digit kept, a minor unit has.
create or replace macro in_a_unit(exponent) as (
    case exponent when 0 then 10000 when 3 then 10 else 100 end
)::hugeint;

-- share_of(amount, part, whole, exponent): amount × part ÷ whole, rounded half up to the
-- currency's minor unit, in whole numbers throughout: DECIMAL ÷ DECIMAL would be a DOUBLE.
create or replace macro share_of(amount, part, whole, exponent) as (
    case
        when whole = 0 then 0::decimal(19, 4)
        else (
            (
                2 * (amount * 10000)::hugeint * (part * 10000)::hugeint
                + (whole * 10000)::hugeint * in_a_unit(exponent)
            )
            // (2 * (whole * 10000)::hugeint * in_a_unit(exponent))
        )::decimal(18, 0)
        * (case exponent when 0 then 1 when 3 then 0.001 else 0.01 end)::decimal(5, 3)
    end
)::decimal(19, 4);
