{{- define "tell-once.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "tell-once.selector" -}}
app.kubernetes.io/name: tell-once
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tell-once.labels" -}}
{{ include "tell-once.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tell-once
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "tell-once.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What every pod of ours has: no token, no root, nothing that it could write but what is mounted. */}}
{{- define "tell-once.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "tell-once.contained" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "tell-once.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "tell-once.selector" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The settings as the program reads them; `database` says as which user. */}}
{{- define "tell-once.environment" -}}
- name: TELL_ONCE_DATA
  value: /data
- name: TELL_ONCE_PUBLIC_URL
  value: {{ printf "https://%s" .root.Values.hostName | quote }}
- name: TELL_ONCE_DATABASE_FILE
  value: /run/secrets/tell-once/database
{{- include "tell-once.doors" .root }}
{{- range $name, $value := .root.Values.settings }}
- name: {{ printf "TELL_ONCE_%s" (upper $name) }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range $name, $place := .root.Values.secrets }}
- name: {{ printf "TELL_ONCE_%s_FILE" (upper $name) }}
  value: {{ printf "/run/secrets/tell-once/%s" $name }}
{{- end }}
{{- end }}

{{/* Where other doors are, which stands on pages and in mail; and the certificate of every door. */}}
{{- define "tell-once.doors" }}
- name: TELL_ONCE_TLS_CERTIFICATE
  value: /etc/tell-once/doors/tls.crt
- name: TELL_ONCE_TLS_KEY
  value: /etc/tell-once/doors/tls.key
{{- if .Values.family.enabled }}
- name: TELL_ONCE_FAMILY_PORT
  value: "8000"
- name: TELL_ONCE_FAMILY_URL
  value: {{ printf "https://%s" .Values.family.hostName | quote }}
{{- end }}
{{- if .Values.answering.enabled }}
- name: TELL_ONCE_ANSWERING_PORT
  value: "8000"
- name: TELL_ONCE_ANSWERING_URL
  value: {{ printf "https://%s" .Values.answering.hostName | quote }}
{{- end }}
{{- if .Values.directory.enabled }}
- name: TELL_ONCE_DIRECTORY_URL
  value: {{ printf "https://%s" .Values.directory.hostName | quote }}
{{- end }}
{{- end }}

{{- define "tell-once.doorMount" -}}
- name: doors
  mountPath: /etc/tell-once/doors
  readOnly: true
{{- end }}

{{- define "tell-once.doorVolume" -}}
- name: doors
  secret:
    secretName: {{ .Values.doors.tlsSecret }}
    defaultMode: 0440
    items:
      - {key: tls.crt, path: tls.crt}
      - {key: tls.key, path: tls.key}
{{- end }}

{{/* Metrics and health on a port of their own, which nobody but who may scrape reaches. */}}
{{- define "tell-once.metrics" -}}
- name: TELL_ONCE_METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
- name: TELL_ONCE_METRICS_LISTEN
  value: all
{{- end }}

{{/* As whom a part speaks to the bus, where it does and where the bus asks. */}}
{{- define "tell-once.bus-user" -}}
{{- if and .bus (eq (toString .root.Values.settings.bus_security) "scram") }}
- name: TELL_ONCE_BUS_USER
  value: tell-once-{{ .bus }}
- name: TELL_ONCE_BUS_PASSWORD_FILE
  value: /run/secrets/tell-once/bus_password
{{- end }}
{{- end }}

{{- define "tell-once.mounts" -}}
- name: keys
  mountPath: /data
{{ include "tell-once.doorMount" .root }}
- name: secrets
  mountPath: /run/secrets/tell-once
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- range $name, $secret := .root.Values.files }}
- name: {{ printf "files-%s" $name }}
  mountPath: {{ printf "/etc/tell-once/files/%s" $name }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "tell-once.volumes" -}}
{{- $database := index .root.Values.databases .database -}}
- name: keys
  persistentVolumeClaim:
    claimName: {{ .root.Values.keys.claim }}
{{ include "tell-once.doorVolume" .root }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $database.secret }}
          items:
            - key: {{ $database.key }}
              path: database
      {{- if .own }}
      - secret:
          name: {{ .root.Values.databases.own.secret }}
          items:
            - key: {{ .root.Values.databases.own.key }}
              path: own_database
      {{- end }}
      {{- if and .bus (eq (toString .root.Values.settings.bus_security) "scram") }}
      {{- $user := index .root.Values.busUsers .bus }}
      - secret:
          name: {{ $user.secret }}
          items:
            - key: {{ $user.key }}
              path: bus_password
      {{- end }}
      {{- range $name, $place := .root.Values.secrets }}
      - secret:
          name: {{ $place.secret }}
          items:
            - key: {{ $place.key }}
              path: {{ $name }}
      {{- end }}
{{- range $name, $secret := .root.Values.files }}
- name: {{ printf "files-%s" $name }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{/* A pod that runs one command as the owner of the database, and ends. */}}
{{- define "tell-once.owner" -}}
{{- include "tell-once.pod" .root }}
restartPolicy: {{ .restart }}
containers:
  - name: {{ .name }}
    image: {{ include "tell-once.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      {{- range .args }}
      - {{ . }}
      {{- end }}
    env:
      {{- include "tell-once.environment" (dict "root" .root) | nindent 6 }}
    securityContext:
      {{- include "tell-once.contained" . | nindent 6 }}
    resources:
      {{- toYaml .root.Values.owner.resources | nindent 6 }}
    volumeMounts:
      {{- include "tell-once.mounts" (dict "root" .root) | nindent 6 }}
volumes:
  {{- include "tell-once.volumes" (dict "root" .root "database" "owner") | nindent 2 }}
{{- end }}
