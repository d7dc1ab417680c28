"""The calls about pre-auth keys and API keys."""
from . import names
from .names import Refused
from .records import now
from .times import get_time, put_time


class Keys:
    # ---- pre-auth keys

    def preauthkey(self, k, whole=False, tags=None):
        """whole: with the secret, also where lists mask it (since 0.28; older keys never)"""
        key = k.key if whole or self.band < "G" or not k.key.startswith("hskey-auth-") else k.key[:23] + "-***"
        m = self.wire.PreAuthKey(id=str(k.id) if self.band < "E" else k.id, key=key, reusable=k.reusable,
                                 ephemeral=k.ephemeral, used=k.used, acl_tags=k.tags if tags is None else tags)
        if k.user is not None and self.band < "E":
            m.user = k.user.name if self.band < "C" else k.user.email or k.user.name
        elif k.user is not None:
            m.user.CopyFrom(self.user(k.user))
        put_time(m.expiration, k.expiration)
        put_time(m.created_at, k.created_at)
        return m

    def _user_of(self, value):
        """the user that a request names: by name up to 0.25, then by number"""
        return self.world.user_by_name(value) if self.band < "E" else self.world.user_by_id(value)

    def CreatePreAuthKey(self, request):
        for tag in request.acl_tags:
            fault = names.tag_fault(tag, self.band)
            if fault:
                raise Refused(3, fault)
        tags = list(dict.fromkeys(request.acl_tags))
        if not "C" <= self.band < "F":
            tags.sort()
        if self.band >= "G" and not request.user:
            if not tags:
                raise Refused(2, "auth-key must be either tagged or owned by user")
            user = None
        else:
            user = self._user_of(request.user)
        k = self.world.add_preauthkey(user, reusable=request.reusable, ephemeral=request.ephemeral,
                                      expiration=get_time(request, "expiration"), tags=tags)
        shown = self.preauthkey(k, whole=True, tags=() if self.band < "C" else None)
        return self.response("CreatePreAuthKey", pre_auth_key=shown)

    def ListPreAuthKeys(self, request):
        keys = list(self.world.preauthkeys.values())
        if self.band < "G":
            u = self._user_of(request.user)
            keys = [k for k in keys if k.user is u]
        if self.band < "E":
            keys.sort(key=lambda k: str(k.id))
        return self.response("ListPreAuthKeys", pre_auth_keys=[self.preauthkey(k) for k in keys])

    def _preauthkey_by_id(self, key_id):
        """None where the server takes any number"""
        if key_id not in self.world.preauthkeys and self.band >= "I":
            raise Refused(2, "auth-key not found: record not found")
        return self.world.preauthkeys.get(key_id)

    def ExpirePreAuthKey(self, request):
        if self.band >= "G":
            k = self._preauthkey_by_id(request.id)
        else:
            k = next((k for k in self.world.preauthkeys.values() if k.key == request.key), None)
            if k is None:
                raise Refused(2, "AuthKey not found")
            if (k.user.name if self.band < "E" else k.user.id) != request.user:
                raise Refused(2, "user mismatch" if self.band < "D" else "preauth key does not belong to user")
            if self.band < "D" and k.expiration < now():
                raise Refused(2, "AuthKey expired")
            if self.band < "D" and k.used and not k.reusable:
                raise Refused(2, "AuthKey has already been used")
        if k is not None:
            k.expiration = now()
        return self.response("ExpirePreAuthKey")

    def DeletePreAuthKey(self, request):
        k = self._preauthkey_by_id(request.id)
        if k is not None:
            del self.world.preauthkeys[k.id]
        return self.response("DeletePreAuthKey")

    # ---- API keys

    def _apikey(self, request):
        if self.band >= "G":
            if request.id and request.prefix:
                raise Refused(3, "provide either id or prefix, not both")
            if not request.id and not request.prefix:
                raise Refused(3, "must provide id or prefix")
        for k in self.world.apikeys.values():
            listed = self.world.listed_prefix(k)
            if self.band >= "G" and request.id:
                if k.id == request.id:
                    return k
            elif request.prefix and (request.prefix == k.prefix or
                                     request.prefix == listed and listed.startswith("hskey-api-")):
                return k
        raise Refused(2, "record not found")

    def CreateApiKey(self, request):
        key = self.world.add_apikey(get_time(request, "expiration"))
        return self.response("CreateApiKey", api_key=key.full)

    def ExpireApiKey(self, request):
        self._apikey(request).expiration = now()
        return self.response("ExpireApiKey")

    def DeleteApiKey(self, request):
        del self.world.apikeys[self._apikey(request).id]
        return self.response("DeleteApiKey")

    def ListApiKeys(self, request):
        out = self.response("ListApiKeys")
        for k in self.world.apikeys.values():
            m = out.api_keys.add(id=k.id, prefix=self.world.listed_prefix(k))
            put_time(m.expiration, k.expiration)
            put_time(m.created_at, k.created_at)
        return out
