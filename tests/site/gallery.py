"""Pages that only the tests have: every component, a chart, a graph, and errors to look at."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from liandun.site import urls
from liandun.site.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PAGE = """{% extends "base.html" %}
{% block title %}部件 Components{% endblock %}
{% block crumbs %}{% with here_title="部件 Components" %}
{% include "components/crumbs.html" %}{% endwith %}{% endblock %}
{% block heading %}部件 Components{% endblock %}
{% block actions %}<button class="btn" data-prints>{% icon "printer" %}打印 Print</button>
<button class="btn btn-primary" data-opens="stop">{% icon "plus" %}封停 Block</button>{% endblock %}
{% block content %}
{% card title="表单 Form" %}<form method="post">{% csrf_token %}
{% field form.name check_url="/gallery" %}{% field form.level %}{% field form.urgent %}{% field form.notes %}
<button class="btn btn-primary" type="submit">提交 Send</button></form>{% endcard %}
{% card title="进度 Progress" %}{% progress label="导入 Import" done=37 total=120 %}{% endcard %}
{% card title="展开 Fold" %}<div x-data="{ isOpen: false }">
<button class="btn" @click="isOpen = !isOpen">详情 Details</button>
<p id="details" x-show="isOpen" x-cloak>更多 More</p></div>{% endcard %}
<h2 class="part">表格 Table</h2>
{% table caption="处置单位 Enforcers" %}
<thead><tr><th>名称</th><th>类别</th><th>状态</th><th>最近回执时间</th><th>负责人</th><th>联系电话</th><th>备注</th></tr></thead>
<tbody><tr><td>和林格尔县分公司</td><td>电信</td>
<td><span class="status status-green">正常</span></td><td>2026-11-20 09:30</td>
<td>张三</td><td>138****0000</td><td>已签责任书</td></tr>
<tr><td>中山路门店</td><td>零售</td>
<td><span class="status status-red">逾期</span></td><td>2026-11-18 17:05</td>
<td>李四</td><td>139****1111</td><td>催办两次</td></tr></tbody>
{% endtable %}
{% card title="趋势 Trend" %}<div class="chart" data-chart="trend" role="img" aria-label="Trend"></div>
{{ trend|json_script:"trend" }}{% endcard %}
{% card title="关系 Links" %}<div class="graph" data-graph="links" role="img" aria-label="Links"></div>
{{ links|json_script:"links" }}{% endcard %}
{% confirm action="/gallery" name="stop" title="封停 12 个号码？" button="封停 12 个号码" %}
<ul><li>12 名用户将无法呼出。</li><li>复机须由另一人批准。</li></ul>{% endconfirm %}
{% endblock %}
{% block scripts %}<script src="{% static 'vendor/charts.js' %}"></script>
<script src="{% static 'vendor/graph.js' %}"></script>{% endblock %}"""
BROKEN = """{% extends "base.html" %}{% block title %}Broken{% endblock %}
{% block heading %}Broken{% endblock %}
{% block content %}<p style="color: red">inline</p><script>window.evil = 1</script><input type="text">
<p class="text-truncate">{% for _ in "0123456789" %}this line is far too long for any screen {% endfor %}</p>
<table width="3000"><tr><td>wide</td></tr></table>{% endblock %}"""
TREND = {
    "xAxis": {"type": "category", "data": ["周一", "周二", "周三", "周四"]},
    "yAxis": {"type": "value"},
    "tooltip": {"trigger": "axis"},
    "series": [{"type": "line", "name": "拦截", "data": [12, 30, 18, 25]}],
}
LINKS = {
    "elements": [
        {"data": {"id": "a", "label": "卡 6222****1234"}},
        {"data": {"id": "b", "label": "号码 138****0000"}},
        {"data": {"id": "c", "label": "中山路门店"}},
        {"data": {"source": "a", "target": "b", "label": "绑定"}},
        {"data": {"source": "b", "target": "c", "label": "报告"}},
    ]
}


class Example(forms.Form):
    name = forms.CharField(label="名称 Name", min_length=3, help_text="至少三个字。")
    level = forms.ChoiceField(label="级别 Level", choices=[("1", "一般"), ("2", "重大")])
    urgent = forms.BooleanField(label="加急 Urgent", required=False)
    notes = forms.CharField(label="说明 Notes", widget=forms.Textarea(attrs={"rows": 2}), required=False)


def gallery(request: HttpRequest) -> HttpResponse:
    form = Example(request.POST or None)
    if request.method == "POST" and "X-Only-Check" not in request.headers:
        messages.success(request, "已保存 Saved")
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"form": form, "trend": TREND, "links": LINKS}, request))


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(BROKEN).render({}, request))


def fail(request: HttpRequest, status: int) -> HttpResponse:
    raise {400: BadRequest, 403: PermissionDenied}.get(status, RuntimeError)


urlpatterns = [*urls.urlpatterns, path("gallery", gallery), path("broken", broken), path("fail/<int:status>", fail)]
