//! The configuration of nginx: round robin over both servers.

/// A request is given to the other server if it did not reach the first, or if it was lost and may be repeated.
/// What cannot be repeated is answered with 502.
pub fn configuration(port: u16, servers: [u16; 2]) -> String {
    let [one, other] = servers;
    format!(
        "
        worker_processes 1;
        events {{ worker_connections 1024; }}
        http {{
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            keepalive_timeout 60s;
            keepalive_requests 1000000;
            upstream servers {{
                server 127.0.0.1:{one} max_fails=1 fail_timeout=1s;
                server 127.0.0.1:{other} max_fails=1 fail_timeout=1s;
                keepalive 16;
                keepalive_timeout 5s; # shorter than the servers keep a connection
                keepalive_requests 1000000;
            }}
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://servers;
                    proxy_http_version 1.1;
                    proxy_set_header Connection '';
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_connect_timeout 1s;
                    proxy_send_timeout 5s;
                    proxy_read_timeout 15s;
                    proxy_next_upstream error;
                    add_header X-Upstream $upstream_addr always;
                }}
            }}
        }}
        "
    )
}
