-- One row a currency whose minor unit is not two digits.
create or replace table currencies as
select unnest($codes::varchar[]) as currency, unnest($exponents::integer[]) as exponent
