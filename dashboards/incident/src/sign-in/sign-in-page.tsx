import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { sessionQuery } from '../app/session';
import { EnrolStep } from './enrol-step';
import { safeBack } from './safe-back';
import { CodeStep, PasswordStep } from './sign-in-steps';
import './sign-in.css';

type Step = 'password' | 'totp' | 'enrol';

/** Password, then the second factor, or its enrolment; then back to where one wanted to go. */
export function SignInPage() {
  const { back } = useSearch({ from: '/sign-in' });
  const [step, setStep] = useState<Step>('password');
  const queries = useQueryClient();
  const router = useRouter();
  const enter = async (): Promise<void> => {
    await queries.query({ ...sessionQuery, staleTime: 0 });
    await queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
    router.history.push(safeBack(back));
  };
  return (
    <main className="sw-door">
      <title>Sign in · Silowatch</title>
      <div className="sw-door-card">
        <span className="sw-brand">
          <img src="/silowatch.svg" alt="" width={24} height={24} />
          Silowatch
        </span>
        {step === 'password' && (
          <PasswordStep
            isReturn={back !== undefined}
            onNext={(next) => (next === 'done' ? void enter() : setStep(next))}
          />
        )}
        {step === 'totp' && <CodeStep onDone={() => void enter()} onBack={() => setStep('password')} />}
        {step === 'enrol' && <EnrolStep onDone={() => void enter()} />}
      </div>
    </main>
  );
}
