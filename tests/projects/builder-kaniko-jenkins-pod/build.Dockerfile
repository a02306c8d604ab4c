FROM alpine:3.22
COPY tool /usr/bin/tool
