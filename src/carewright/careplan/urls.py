from django.urls import path

from carewright.careplan import views

app_name = "careplan"
urlpatterns = [
    path("patients/<uuid:public_id>/plan", views.plan, name="plan"),
    path("patients/<uuid:public_id>/plan/print", views.printed, name="print"),
    path("patients/<uuid:public_id>/plan/problem", views.add_problem, name="add_problem"),
    path(
        "patients/<uuid:public_id>/plan/problem/<uuid:problem_id>/resolve",
        views.resolve_problem,
        name="resolve_problem",
    ),
    path("patients/<uuid:public_id>/plan/leave-off", views.leave_off, name="leave_off"),
    path("patients/<uuid:public_id>/plan/goal", views.set_goal, name="set_goal"),
    path("patients/<uuid:public_id>/plan/goal/<uuid:goal_id>", views.reword_goal, name="reword_goal"),
    path("patients/<uuid:public_id>/plan/goal/<uuid:goal_id>/end", views.end_goal, name="end_goal"),
    path("patients/<uuid:public_id>/plan/step", views.add_step, name="add_step"),
    path("patients/<uuid:public_id>/plan/step/<uuid:step_id>/done", views.finish_step, name="finish_step"),
    path("patients/<uuid:public_id>/plan/step/<uuid:step_id>/drop", views.drop_step, name="drop_step"),
]
