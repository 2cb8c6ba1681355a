-- Totals of each day, after the orders have been synced.
-- carillon: cron="30 0 * * *" database=dwh transaction=yes timeout=5m
DELETE FROM daily_totals;
INSERT INTO daily_totals SELECT substr(changed, 1, 10), count(*), sum(total) FROM orders GROUP BY 1;
SELECT day, orders, total FROM daily_totals ORDER BY day DESC LIMIT 30;
