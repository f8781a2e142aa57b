-- One row a reason and currency: how many documents or events it leaves out, and their amounts.
select reason, currency, count(*), sum(amount)::decimal(38, 4)
from left_out
group by reason, currency
order by reason, currency
