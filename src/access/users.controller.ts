import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  changedUser,
  createdUser,
  newUser,
  type NewUser,
  user,
  type User,
  userChange,
  type UserChange,
  userList,
} from './access.schema.js';
import { CurrentStaff, May } from './may.decorator.js';
import type { Staff } from './staff.js';
import { UsersService, type UserView } from './users.service.js';

const id = z.uuid();

@ApiTags('Users')
@Controller('api/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @May('settings.change')
  @ApiResponse({ status: 200, standardSchema: userList })
  @Get()
  async list(): Promise<z.infer<typeof userList>> {
    return { items: (await this.users.list()).map(toUser), nextCursor: null };
  }

  @May('settings.change', { stepUp: true })
  @ApiResponse({ status: 201, standardSchema: createdUser })
  @Post()
  async create(
    @Body({ schema: newUser }) body: NewUser,
    @CurrentStaff() staff: Staff,
  ): Promise<z.infer<typeof createdUser>> {
    const { view, setupPassword } = await this.users.create(body, staff);
    return { user: toUser(view), setupPassword };
  }

  @May('settings.change', { stepUp: true })
  @ApiResponse({ status: 200, standardSchema: changedUser })
  @Patch(':id')
  async change(
    @Param('id', { schema: id }) userId: string,
    @Body({ schema: userChange }) body: UserChange,
    @CurrentStaff() staff: Staff,
  ): Promise<z.infer<typeof changedUser>> {
    const { view, setupPassword } = await this.users.change(userId, body, staff);
    return { user: toUser(view), setupPassword };
  }

  @May('settings.change', { stepUp: true })
  @ApiResponse({ status: 200, standardSchema: user })
  @HttpCode(200)
  @Post(':id/grants/:grantId/approve')
  async approve(
    @Param('id', { schema: id }) userId: string,
    @Param('grantId', { schema: id }) grantId: string,
    @CurrentStaff() staff: Staff,
  ): Promise<User> {
    return toUser(await this.users.decide(userId, grantId, 'approved', staff));
  }

  @May('settings.change', { stepUp: true })
  @ApiResponse({ status: 200, standardSchema: user })
  @HttpCode(200)
  @Post(':id/grants/:grantId/reject')
  async reject(
    @Param('id', { schema: id }) userId: string,
    @Param('grantId', { schema: id }) grantId: string,
    @CurrentStaff() staff: Staff,
  ): Promise<User> {
    return toUser(await this.users.decide(userId, grantId, 'rejected', staff));
  }
}

function toUser({ account, hasFactor, grant }: UserView): User {
  const { id: userId, email, name, state, roles, tenants, createdAt, lastSignInAt, version } = account;
  const list = <T>(values: 'all' | readonly T[]): 'all' | T[] => (values === 'all' ? 'all' : [...values]);
  const pendingGrant =
    grant === undefined
      ? null
      : {
          id: grant.id,
          roles: [...grant.roles],
          tenants: grant.tenants === null ? null : list(grant.tenants),
          requestedBy: grant.requestedBy,
          requestedAt: grant.requestedAt.toISOString(),
        };
  return {
    id: userId,
    email,
    name,
    state,
    roles: [...roles],
    tenants: list(tenants),
    hasFactor,
    pendingGrant,
    createdAt: createdAt.toISOString(),
    lastSignInAt: lastSignInAt?.toISOString() ?? null,
    version,
  };
}
