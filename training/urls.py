"""Addresses of the courses. Paths are a contract: add, never rename.

Those of a part of the site stand under its prefix, so that any other address passes them in one step.
"""

from django.urls import include, path

from training.views import (
    analysis,
    attempts,
    certificates,
    deadlines,
    desk,
    doors,
    drills,
    freshness,
    learn,
    lesson,
    matrix,
    previews,
    recall,
    rechecks,
    team,
)

LEARN = [
    path("", learn.learn, name="learn"),
    path("<slug:code>/", learn.course, name="course"),
    path("<slug:code>/quiz/", doors.course_quiz, name="course_quiz"),
    path("<slug:code>/<slug:slug>/", lesson.lesson, name="lesson"),
    path("<slug:code>/<slug:slug>/beacon/", lesson.beacon, name="lesson_beacon"),
    path("<slug:code>/<slug:slug>/finish/", lesson.finish, name="lesson_finish"),
    path("<slug:code>/<slug:slug>/checks/<int:number>/", lesson.check, name="lesson_check"),
]
ATTEMPTS = [
    path("<int:pk>/", attempts.attempt, name="attempt"),
    path("<int:pk>/items/<int:position>/", attempts.answer, name="attempt_answer"),
    path("<int:pk>/finish/", attempts.finish, name="attempt_finish"),
    path("<int:pk>/result/", attempts.result, name="attempt_result"),
]
TEAM = [
    path("", team.team, name="team"),
    path("board.csv", team.team_csv, name="team_csv"),
    path("people/<int:pk>/", matrix.person, name="person"),
    path("deadlines/", deadlines.deadlines, name="deadlines"),
    path("deadlines/csv/", deadlines.deadlines_csv, name="deadlines_csv"),
    path("deadlines/assign/", deadlines.assign, name="assign"),
    path("deadlines/assignments/<int:pk>/end/", deadlines.assignment_end, name="assignment_end"),
    path("deadlines/<int:pk>/<slug:slug>/", deadlines.deadline_change, name="deadline_change"),
    path("items/", analysis.item_analysis, name="item_analysis"),
    path("items.csv", analysis.item_analysis_csv, name="item_analysis_csv"),
    path("items/<slug:code>/", analysis.item, name="item"),
    path("items/<slug:code>/retire/", analysis.item_retire, name="item_retire"),
    path("freshness/", freshness.freshness, name="freshness"),
    path("freshness/<slug:kind>/<int:pk>/verify/", freshness.verify, name="verify"),
    path("rechecks/", rechecks.rechecks, name="rechecks"),
    path("rechecks/<int:pk>/done/", rechecks.done, name="recheck_done"),
]
PRACTICE = [
    path("", desk.practice, name="practice"),
    path("mistakes/", doors.mistakes, name="mistakes"),
    path("desk/", desk.desk, name="desk"),
    path("desk/start/", desk.start, name="desk_start"),
    path("desk/<int:pk>/", desk.run, name="desk_run"),
    path("desk/<int:pk>/state/", desk.state, name="desk_state"),
    path("desk/<int:pk>/chats/<int:position>/send/", desk.send, name="desk_send"),
    path("desk/<int:pk>/end/", desk.end, name="desk_end"),
    path("desk/<int:pk>/report/", desk.report, name="desk_report"),
    path("dialogues/<slug:slug>/play/", desk.play, name="dialogue_play"),
    path("better/", drills.better, name="drill_better"),
    path("typing/", drills.typing, name="drill_typing"),
    path("codes/", drills.codes, name="drill_codes"),
    path("rounds/<int:pk>/", drills.drill_round, name="drill_round"),
    path("rounds/<int:pk>/answers/", drills.drill_answer, name="drill_answer"),
]
RECALL = [
    path("", recall.recall, name="recall"),
    path("session/", recall.session, name="recall_session"),
    path("items/<int:pk>/rate/", recall.rate, name="recall_rate"),
    path("items/<int:pk>/rest/", recall.rest, name="recall_rest"),
    path("mistakes/", recall.book, name="wrong_answers"),
]

urlpatterns = [
    path("learn/", include(LEARN)),
    path("attempts/", include(ATTEMPTS)),
    path("paths/<slug:slug>/", learn.path, name="path"),
    path("paths/<slug:slug>/follow/", learn.follow, name="path_follow"),
    path("exams/<slug:slug>/", doors.exam, name="exam"),
    path("practice/", include(PRACTICE)),
    path("review/", include(RECALL)),
    path("questions/<slug:code>/preview/", previews.question, name="question_preview"),
    path("quizzes/<slug:slug>/preview/", previews.quiz, name="quiz_preview"),
    path("me/matrix/", matrix.mine, name="matrix"),
    path("team/", include(TEAM)),
    path("certificates/<str:code>/", certificates.certificate, name="certificate"),
    path("certificates/<str:code>/pdf/", certificates.pdf, name="certificate_pdf"),
]
