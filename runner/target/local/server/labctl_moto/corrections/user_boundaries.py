"""Permissions boundaries of users.

On AWS a user has a permissions boundary as a role has: CreateUser and PutUserPermissionsBoundary
set it, GetUser and GetAccountAuthorizationDetails return it, ListUsers does not:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
moto 5.2.1 drops the boundary of a new user, and answers 500 to the calls that change it.
"""

from labctl_moto.patch import replace
from moto.core.responses import EmptyResult
from moto.core.serialize import never_return, return_if_not_empty
from moto.iam.models import Role, User
from moto.iam.responses import IamResponse


def put_user_permissions_boundary(self):
    self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = self._get_param("PermissionsBoundary")
    return EmptyResult()


def delete_user_permissions_boundary(self):
    self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = None
    return EmptyResult()


def apply() -> None:
    User.permissions_boundary_arn = None
    User.permissions_boundary = Role.permissions_boundary
    IamResponse.put_user_permissions_boundary = put_user_permissions_boundary
    IamResponse.delete_user_permissions_boundary = delete_user_permissions_boundary
    IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER.update(
        {
            "CreateUserResponse.User.PermissionsBoundary": return_if_not_empty,
            "GetUserResponse.User.PermissionsBoundary": return_if_not_empty,
            "ListUsersResponse.Users.User.PermissionsBoundary": never_return,
        }
    )

    @replace(IamResponse, "create_user")
    def create(original, self):
        answer = original(self)
        answer.result["User"].permissions_boundary_arn = self._get_param("PermissionsBoundary")
        return answer
