-- A row when there is such a question, reported or not. $1 question.
select 1 as found
from questions
where id = $1
