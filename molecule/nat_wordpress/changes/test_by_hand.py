"""Somebody changes by hand what the backends' roles have made: the next run has it as it was."""

from __future__ import annotations

from nodes import Site, node
from testinfra.host import Host

VHOSTS = "/etc/apache2/sites-available/lvs-cluster.conf"
ENABLED = "/etc/apache2/sites-enabled/lvs-cluster.conf"
POOL = "$(echo /etc/php/*/fpm/pool.d/lvs-cluster.conf)"
APP = "/etc/lvs-cluster/php-app/wordpress"
LINK = "/var/www/wordpress/wp-config.php"
INSTALLER = "/usr/local/lib/lvs-cluster/wordpress-site.php"
AGAIN = "/usr/local/sbin/lvs-mount-again"
AGAIN_UNIT = "/etc/systemd/system/lvs-mount-again@.service"
MOUNT = "/etc/systemd/system/var-www-wordpress.mount.d/lvs-cluster.conf"
EXPORTS = "/etc/exports.d/lvs-cluster.exports"
NFS = "/etc/nfs.conf.d/lvs-cluster.conf"
NFS_UNIT = "/etc/systemd/system/nfs-server.service.d/lvs-cluster.conf"
MARIADB = "/etc/mysql/mariadb.conf.d/60-lvs-cluster.cnf"
SQL = "mariadb -NBe"

# What is done on each host, one after the other, and how its files and units are told.
BY_HAND = {
    "rs1": [
        f"echo '# by hand' >>{VHOSTS}",
        f"rm {ENABLED}",
        f"sed -i s/max_children/max_requests/ {POOL}",
        "a2dismod --quiet --force proxy_fcgi",
        "systemctl disable --quiet apache2",
        "systemctl stop apache2",
        f"echo '// by hand' >>{APP}/wp-config.php",
        f"chmod 644 {APP}/salts.json {APP}/wp-config.php",
        f"chmod 755 {APP}",
        f"runuser -u www-data -- ln -sfn /elsewhere {LINK}",
        f"rm {INSTALLER} {AGAIN}",
        f"echo '# by hand' >>{AGAIN_UNIT}",
        f"rm {MOUNT}",
        "systemctl disable --quiet remote-fs.target",
        "sed -i s/_netdev/noauto/ /etc/fstab",
    ],
    "rs2": [
        f"chgrp root {POOL}; chmod 600 {POOL}",
        f"ln -sfn /elsewhere {ENABLED}",
        "systemctl disable --quiet $(basename /usr/lib/systemd/system/php*-fpm.service)",
        "systemctl stop $(basename /usr/lib/systemd/system/php*-fpm.service)",
        "umount /var/www/wordpress",
        f"echo broken >{AGAIN}",
        f"rm -r {MOUNT.rpartition('/')[0]}",
        f"rm {APP}/wp-config.php",
    ],
    "nfs": [
        f"echo '/srv/by-hand *(ro)' >>{EXPORTS}",
        "exportfs -u 192.168.137.0/24:/srv/wordpress",
        f"echo '# by hand' >>{NFS}",
        f"rm {NFS_UNIT}",
        "systemctl disable --quiet nfs-server",
        "chmod 700 /srv/wordpress",
        "chown root:root /srv/wordpress",
    ],
    "db": [
        f"sed -i s/192.168.137.132/127.0.0.1/ {MARIADB}",
        "systemctl restart mariadb",
        "systemctl disable --quiet mariadb",
        f"{SQL} \"revoke all on wordpress.* from 'wordpress'@'192.168.137.%'\"",
        f"{SQL} \"create user ''@'%'; create user root@'%' identified by 'secret'\"",
    ],
}
SYSTEMCTL = "systemctl is-enabled {units}; systemctl is-active {units}"
TELL = {
    "rs": (
        f"stat -c '%n %a %U %G %N' {VHOSTS} {ENABLED} {POOL} {APP} {APP}/* {AGAIN} {AGAIN_UNIT}"
        f" {MOUNT}; sha256sum {VHOSTS} {POOL} {APP}/* {AGAIN} {AGAIN_UNIT} {MOUNT} /etc/fstab"
        f"; readlink {LINK}; apachectl -M; findmnt -no SOURCE,OPTIONS /var/www/wordpress; "
        + SYSTEMCTL.format(units="apache2 remote-fs.target php$(basename /etc/php/*)-fpm")
    ),
    "nfs": (
        f"stat -c '%n %a %U %G' {EXPORTS} {NFS} {NFS_UNIT} /srv/wordpress"
        f"; sha256sum {EXPORTS} {NFS} {NFS_UNIT}; exportfs -s; "
        + SYSTEMCTL.format(units="nfs-server")
    ),
    "db": (
        f"stat -c '%n %a %U %G' {MARIADB}; sha256sum {MARIADB}; ss -Hlnt sport = :3306"
        f'; {SQL} "select user, host from mysql.global_priv order by 1, 2"'
        f"; {SQL} \"show grants for 'wordpress'@'192.168.137.%'\"; "
        + SYSTEMCTL.format(units="mariadb")
    ),
}


def told(name: str) -> list[str]:
    """What the host has of the roles, in lines."""
    command = TELL["rs" if name.startswith("rs") else name]
    return [*node(name).run(f"LC_ALL=C; {command}").stdout.splitlines()]


def test_what_somebody_did_by_hand(site: Site, client: Host) -> None:
    """All of it is told as changed, and is as it was; then nothing is left to do."""
    before = {name: told(name) for name in BY_HAND}
    for name, commands in BY_HAND.items():
        for command in commands:
            node(name).check_output(command)
    drifted = {name: told(name) for name in BY_HAND}
    assert all(drifted[name] != before[name] for name in BY_HAND)
    site(everywhere=True, options=["--check"])
    assert {name: told(name) for name in BY_HAND} == drifted
    site(everywhere=True)
    assert {name: told(name) for name in BY_HAND} == before
    # And the director and the client.
    assert site(everywhere=True).stdout.count(" changed=0 ") == len(BY_HAND) + 2
    client.check_output("curl -sSf --max-time 20 -o /dev/null http://192.168.0.111/")
