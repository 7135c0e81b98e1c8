"""The addresses of tasks, alarms and the roster."""

from django.urls import path

from carewright.tasks.views import alarms, on_call, tasks

app_name = "tasks"
urlpatterns = [
    path("tasks/new", tasks.new, name="new"),
    path("tasks/hand-over", tasks.hand_over_all, name="hand_over_all"),
    path("tasks/<uuid:public_id>", tasks.task, name="task"),
    path("tasks/<uuid:public_id>/<slug:name>", tasks.step, name="step"),
    path("alarms", alarms.alarms, name="alarms"),
    path("alarms/<uuid:public_id>", alarms.alarm, name="alarm"),
    path("alarms/<uuid:public_id>/accept", alarms.accept, name="accept"),
    path("on-call", on_call.on_call, name="on_call"),
    path("on-call/add", on_call.add_shift, name="add_shift"),
    path("on-call/pager", on_call.pager, name="pager"),
    path("on-call/<int:pk>", on_call.change_shift, name="change_shift"),
    path("on-call/<int:pk>/end", on_call.end_shift, name="end_shift"),
]
