"""The calls about users. `band` in the conditions: see bands.py."""
from . import names
from .names import Refused
from .times import put_time

_UNIQUE = "constraint failed: UNIQUE constraint failed: users.name (2067)"


class Users:
    def user(self, u):
        if self.band < "C":
            m = self.wire.User(id=str(u.id), name=u.name)
        else:
            name = u.name if self.band < "G" else u.name or u.email or u.provider_id or str(u.id)
            m = self.wire.User(id=u.id, name=name, display_name=u.display_name, email=u.email, provider_id=u.provider_id,
                               provider=u.provider, profile_pic_url=u.picture)
        put_time(m.created_at, u.created_at)
        return m

    def GetUser(self, request):
        return self.response("GetUser", user=self.user(self.world.user_by_name(request.name)))

    def ListUsers(self, request):
        users = list(self.world.users.values())
        if self.band < "C":
            # its numbers are sorted as texts
            users.sort(key=lambda u: str(u.id))
        else:
            for field in ("name", "email", "id"):
                if getattr(request, field):
                    users = [u for u in users if getattr(u, field) == getattr(request, field)]
                    break
        return self.response("ListUsers", users=[self.user(u) for u in users])

    def _new_name_fault(self, name, user=None):
        """the refusal of a name that somebody else has; people of the identity provider may share one"""
        taken = [u for u in self.world.users.values() if u.name == name and u is not user and not u.provider]
        if self.band < "C":
            # and a rename to the own name is refused
            taken += [u for u in self.world.users.values() if u is user and u.name == name]
        return ("user already exists" if self.band < "C" else _UNIQUE) if taken else None

    def CreateUser(self, request):
        fault = names.user_name_fault(request.name, self.band)
        if fault:
            raise Refused(2, fault)
        fault = self._new_name_fault(request.name)
        if fault:
            raise (Refused(2, fault) if self.band < "C" else
                   Refused(2, "creating user: " + fault) if self.band < "F" else
                   Refused(13, ("failed to create user: " if self.band < "H" else "creating user: ")
                           + "creating user: " + fault))
        more = {} if self.band < "C" else dict(display_name=request.display_name, email=request.email,
                                               picture=request.picture_url)
        return self.response("CreateUser", user=self.user(self.world.add_user(request.name, **more)))

    def RenameUser(self, request):
        u = self.world.user_by_name(request.old_name) if self.band < "C" else self.world.user_by_id(request.old_id)
        fault = names.user_name_fault(request.new_name, self.band)
        if fault:
            raise Refused(2, fault)
        if "D" <= self.band < "F" and u.provider:
            raise Refused(2, "cannot edit OIDC user")
        fault = self._new_name_fault(request.new_name, u)
        if fault:
            raise Refused(2, fault if self.band < "F" else "updating user: " + fault)
        if request.new_name or self.band < "F":
            u.name = request.new_name
        if self.band < "C":
            return self.response("RenameUser", user=self.user(u))
        # it answers with the user of that name: an empty one fails here, in 0.24 after it was stored
        return self.response("RenameUser", user=self.user(self.world.user_by_name(request.new_name)))

    def DeleteUser(self, request):
        u = self.world.user_by_name(request.name) if self.band < "C" else self.world.user_by_id(request.id)
        if self.world.owned(u):
            raise Refused(2, "user not empty: node(s) found")
        for k in list(self.world.preauthkeys.values()):
            # 0.28 deletes the keys of everybody
            if k.user is u or self.band == "G":
                del self.world.preauthkeys[k.id]
        del self.world.users[u.id]
        return self.response("DeleteUser")
