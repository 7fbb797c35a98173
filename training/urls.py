"""Addresses of the courses. Paths are a contract: add, never rename."""

from django.urls import path

from training.views import attempts, certificates, doors, learn, lesson, matrix, previews

urlpatterns = [
    path("learn/", learn.learn, name="learn"),
    path("learn/<slug:code>/", learn.course, name="course"),
    path("learn/<slug:code>/quiz/", doors.course_quiz, name="course_quiz"),
    path("learn/<slug:code>/<slug:slug>/", lesson.lesson, name="lesson"),
    path("learn/<slug:code>/<slug:slug>/beacon/", lesson.beacon, name="lesson_beacon"),
    path("learn/<slug:code>/<slug:slug>/finish/", lesson.finish, name="lesson_finish"),
    path("learn/<slug:code>/<slug:slug>/checks/<int:number>/", lesson.check, name="lesson_check"),
    path("paths/<slug:slug>/", learn.path, name="path"),
    path("paths/<slug:slug>/follow/", learn.follow, name="path_follow"),
    path("exams/<slug:slug>/", doors.exam, name="exam"),
    path("practice/mistakes/", doors.mistakes, name="mistakes"),
    path("attempts/<int:pk>/", attempts.attempt, name="attempt"),
    path("attempts/<int:pk>/items/<int:position>/", attempts.answer, name="attempt_answer"),
    path("attempts/<int:pk>/finish/", attempts.finish, name="attempt_finish"),
    path("attempts/<int:pk>/result/", attempts.result, name="attempt_result"),
    path("questions/<slug:code>/preview/", previews.question, name="question_preview"),
    path("quizzes/<slug:slug>/preview/", previews.quiz, name="quiz_preview"),
    path("me/matrix/", matrix.mine, name="matrix"),
    path("team/people/<int:pk>/", matrix.person, name="person"),
    path("certificates/<str:code>/", certificates.certificate, name="certificate"),
    path("certificates/<str:code>/pdf/", certificates.pdf, name="certificate_pdf"),
]
